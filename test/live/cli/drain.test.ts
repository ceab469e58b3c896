import {afterEach, expect, test} from 'vitest';
import {type DevProcess, startDev} from '../../support/dev-process.js';
import {GateProcess} from '../../support/gate-process.js';
import {startNats} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {mostPerSecond, RoamingClients} from '../../support/roaming-clients.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {testWith} from '../../support/servers.js';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

const [perGate, rate] = [120, 40];

async function threeGates(): Promise<{dev: DevProcess; clients: RoamingClients}> {
  const dev = await startDev('--gates', '3');
  open.push(dev);
  const clients = new RoamingClients(dev.gates.map(({tcp}) => Number(new URL(tcp).port)));
  open.push(clients);
  await clients.join(3 * perGate);
  return {dev, clients};
}

test('gates drain evicts at the rate, lets nobody in, and resume takes clients again', async () => {
  const {dev, clients} = await threeGates();
  const [drained, next] = clients.visits;
  if (drained === undefined || next === undefined) throw new Error('no gates');
  const before = [drained.accepted.length, next.accepted.length];
  const draining = dev.gatectl(
    ...['gates', 'drain', dev.gates[0]?.nodeId ?? '', '--rate', `${rate}`, '--yes', '-o', 'json'],
  );
  await until(() => drained.closed.length > 0, {what: 'the first eviction'});
  await clients.join(30); // a third of them try the draining gate first
  const {code, out, err} = await draining;
  expect(code, err).toBe(0);
  expect(JSON.parse(out).items).toMatchObject([
    {state: 'drained', sessions: perGate, evicted: perGate, left: 0},
  ]);
  const tookMs = (drained.closed.at(-1) ?? 0) - (drained.closed[0] ?? 0);
  const measured = ((drained.closed.length - 1) * 1000) / tookMs;
  expect(measured).toBeLessThan(rate * 1.05);
  expect(measured).toBeGreaterThan(rate * 0.8); // less only on a busy machine
  await clients.all(3 * perGate + 30);
  expect(drained.accepted).toHaveLength(before[0] ?? 0);
  expect(new Set(drained.refused.keys())).toEqual(new Set([3, 0x9c]));
  expect([...drained.disconnected]).toEqual([[0x9c, perGate / 2]]);
  expect(next.accepted.length - (before[1] ?? 0)).toBeGreaterThanOrEqual(perGate);
  const listed = await dev.gatectl('gates', 'info', '-o', 'json');
  expect(JSON.parse(listed.out).items[0]).toMatchObject({state: 'drained', sessions: 0});

  expect((await dev.gatectl('gates', 'resume', dev.gates[0]?.nodeId ?? '')).code).toBe(0);
  await clients.join(3);
  expect(drained.accepted.length).toBeGreaterThan(before[0] ?? 0);
}, 60_000);

test('gates drain keeps the other gates below --max-connects', async () => {
  const {dev, clients} = await threeGates();
  const [drained, next] = clients.visits;
  next?.accepted.splice(0);
  const {code, err} = await dev.gatectl(
    ...['gates', 'drain', dev.gates[0]?.nodeId ?? '', '--rate', '0', '--max-connects', '40', '--yes'],
  );
  expect(code, err).toBe(0);
  await clients.all(3 * perGate);
  expect(drained?.closed).toHaveLength(perGate);
  expect(next?.accepted).toHaveLength(perGate); // all came to the same gate
  expect(mostPerSecond(next?.accepted ?? [])).toBeLessThanOrEqual(50); // clients come later than they are evicted, some together
}, 60_000);

testWith('nats-server')(
  'gates drain of all processes on a port refuses everybody',
  async () => {
    const nats = await startNats();
    open.push(nats);
    const parent = await GateProcess.start('many', nats.url, '--processes', '2');
    open.push(parent);
    await until(() => parent.ready.length === 2, {what: 'both to serve'});
    const clients = new RoamingClients([Number(new URL(parent.tcp).port)]);
    open.push(clients);
    await clients.join(40);
    const drain = ['gates', 'drain', 'Gate@many-*', '--rate', '0', '--yes', '-o', 'json'];
    const {code, out, err} = await spawnGatectl([...drain, '--server', nats.url, '--timeout', '20s']);
    expect(code, err).toBe(0);
    expect(err).toContain('no other gate is known to take the clients');
    const {items, evicted} = JSON.parse(out);
    expect(items).toMatchObject([
      {state: 'drained', left: 0},
      {state: 'drained', left: 0},
    ]);
    expect(evicted).toBe(40);
    const [visits] = clients.visits;
    await until(() => (visits?.refused.size ?? 0) === 2, {what: 'refusals in both versions'});
    expect(visits?.accepted).toHaveLength(40);
  },
  60_000,
);
