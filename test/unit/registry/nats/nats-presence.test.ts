import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {NatsPresence} from '../../../../src/registry/nats/nats-presence.js';
import {FakeBus} from '../../../support/fake-bus.js';
import {aNode} from '../../../support/fake-registry.js';
import {namedBy} from '../../../support/named-by.js';

describe('a new node, long before the next heartbeat,', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const beatsOn = (bus: FakeBus): number =>
    bus.published.filter(({subject}) => subject === 'mqant.discovery.beat').length;

  const join = (bus: FakeBus, id: string): NatsPresence =>
    new NatsPresence({bus, node: {...aNode(`Gate@${id}`), address: `gate.${id}`}, beatMs: 3_600_000});

  test('knows all earlier nodes at once', async () => {
    const bus = new FakeBus();
    const presences = ['a', 'b', 'c'].map((id) => join(bus, id));
    await vi.advanceTimersByTimeAsync(10);
    expect(await namedBy(bus, 'Gate@c')).toEqual(['Gate@a', 'Gate@b']);
    expect(await namedBy(bus, 'Gate@a')).toEqual(['Gate@b', 'Gate@c']);
    expect(beatsOn(bus)).toBeLessThanOrEqual(3 + 2 * 3); // one each, and a greeting or two: no echo without end
    for (const presence of presences) await presence.close();
  });

  test('is greeted by many peers one after the other, within a third of a second', async () => {
    const bus = new FakeBus();
    const presences = Array.from({length: 200}, (_, at) => join(bus, `g${at}`));
    await vi.advanceTimersByTimeAsync(1000);
    const before = beatsOn(bus);
    presences.push(join(bus, 'late'));
    await vi.advanceTimersByTimeAsync(0);
    const most: number[] = [];
    for (let ms = 0; ms < 300; ms += 30) {
      const already = beatsOn(bus);
      await vi.advanceTimersByTimeAsync(30);
      most.push(beatsOn(bus) - already);
    }
    expect(beatsOn(bus) - before).toBeGreaterThanOrEqual(1 + 200);
    expect(beatsOn(bus) - before).toBeLessThan(1 + 200 + 40); // it greets back as it hears of them
    expect(Math.max(...most)).toBeLessThan(60); // of 20 on the average
    for (const presence of presences) await presence.close();
  });
});

test('changed metadata is announced at once and in each answer', async () => {
  const bus = new FakeBus();
  const presence = new NatsPresence({bus, node: aNode('Gate@a', {metadata: {state: 'alive'}})});
  await presence.update({state: 'forbidden'});
  const beat = bus.published.filter(({subject}) => subject === 'mqant.discovery.beat').at(-1);
  expect(JSON.parse(Buffer.from(beat?.data ?? []).toString())).toMatchObject({
    metadata: {state: 'forbidden'},
  });
  const inbox = bus.newInbox();
  const answers: string[] = [];
  bus.subscribe(inbox, ({data}) => answers.push(Buffer.from(data).toString()));
  bus.publish('$SRV.INFO', new Uint8Array(0), inbox);
  await presence.close();
  expect(JSON.parse(JSON.parse(answers[0] ?? '').metadata.node).metadata).toMatchObject({state: 'forbidden'});
});
