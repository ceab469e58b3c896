import {connect} from 'node:net';
import {expect} from 'vitest';
import {MqantCluster, type MqantGate} from '../support/mqant.js';
import {until} from '../support/poll.js';
import {testWith} from '../support/servers.js';

const test = testWith('go', 'nats-server', 'etcd');

/** What never says CONNECT is an error to mqant. */
async function provoke(gate: MqantGate): Promise<void> {
  const socket = connect(Number(new URL(gate.tcp).port), '127.0.0.1');
  socket.on('error', () => {}); // the gate may hang up before it has read all
  socket.end('nonsense');
  await until(async () => (await gate.errors()).length > 0, {what: 'an error in the log'});
}

/** Every test of this folder stands on this: a cluster of mqant ends with an error where one of its gates did what it may not. */
test("reports unexpected errors in a gate's log, and an early exit, when its cluster ends", async () => {
  const cluster = await MqantCluster.start({records: 'memory'});
  const [stock, addon, killed] = await Promise.all([
    cluster.startGate('stock'),
    cluster.startGate('addon', {addon: true}),
    cluster.startGate('killed'),
  ]);
  addon.mayLog(/nonsense of another kind/);
  await provoke(stock);
  await provoke(addon);
  killed.server.signal('SIGKILL');
  await until(async () => (await killed.faults()).length > 0, {what: 'the end of a gate'});
  const ended = await cluster[Symbol.asyncDispose]().catch(String);
  expect(ended).toMatch(/Gate@stock logged .*Read login pack error/);
  expect(ended).toMatch(/Gate@addon logged .*Read login pack error/);
  expect(ended).toMatch(/Gate@killed has ended/);

  await using allowed = await MqantCluster.start({records: 'memory'});
  const [gate, doomed] = await Promise.all([allowed.startGate('a'), allowed.startGate('b')]);
  gate.mayLog(/Read login pack error/);
  await provoke(gate);
  doomed.mayEnd();
  doomed.server.signal('SIGKILL');
}, 300_000);
