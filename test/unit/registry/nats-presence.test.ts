import {expect, test} from 'vitest';
import {NatsPresence} from '../../../src/registry/nats-presence.js';
import {FakeBus} from '../../support/fake-bus.js';
import {aNode} from '../../support/fake-registry.js';
import {until} from '../../support/poll.js';

/** Whom a node names as its peers. */
async function peersOf(bus: FakeBus, id: string): Promise<string[]> {
  const inbox = bus.newInbox();
  const answer = new Promise<string>((resolve) => {
    bus.subscribe(inbox, ({data}) => resolve(Buffer.from(data).toString()));
  });
  bus.publish(`$SRV.INFO.mqant-Gate.${id}`, Buffer.alloc(0), inbox);
  const {metadata} = JSON.parse(await answer) as {readonly metadata: {readonly peers: string}};
  return (JSON.parse(metadata.peers) as {readonly id: string}[]).map((peer) => peer.id);
}

test('a newcomer knows at once who was there before it, long before the next beat', async () => {
  const bus = new FakeBus();
  const presences = ['a', 'b', 'c'].map(
    (id) => new NatsPresence({bus, node: {...aNode(`Gate@${id}`), address: `gate.${id}`}, beatMs: 3_600_000}),
  );
  await until(async () => (await peersOf(bus, 'c')).sort().join() === 'Gate@a,Gate@b', {timeoutMs: 2000});
  await until(async () => (await peersOf(bus, 'a')).sort().join() === 'Gate@b,Gate@c', {timeoutMs: 2000});
  const beats = bus.published.filter(({subject}) => subject === 'mqant.discovery.beat').length;
  expect(beats).toBeLessThanOrEqual(3 + 2 * 3); // one each, and a greeting or two: no echo without end
  for (const presence of presences) await presence.close();
});
