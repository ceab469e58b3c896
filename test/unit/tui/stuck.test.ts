import {describe, expect, test} from 'vitest';
import type {ConnectionState} from '../../../src/session/connection-state.js';
import {TestDashboard} from '../../support/dashboard.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';

const minute = 60_000;

const sizes = [
  {columns: 60, rows: 15},
  {columns: 80, rows: 24},
  {columns: 200, rows: 50},
];

/** ann reads, bob and cid are stuck; the clocks of gates and dashboard agree. */
function gates(): readonly FakeGate[] {
  const now = Date.now();
  const person = (uid: string, node: string, state: ConnectionState) =>
    aRow(
      {sessionId: `5e55${uid}`, userId: uid, serverId: node},
      {connectedAt: now - minute, lastActiveAt: now - 2000, connectionState: state},
    );
  const a = new FakeGate('Gate@a', [
    person('ann', 'Gate@a', {waitingBytes: 0, waitingPackets: 0, subscriptionCount: 0, subscriptions: []}),
    person('bob', 'Gate@a', {
      waitingBytes: 300 * 1024,
      waitingPackets: 7,
      oldestWaitingAt: now - 5 * minute,
      keepAliveEndsAt: now + 5 * minute,
      subscriptionCount: 2,
      subscriptions: [
        {filter: 'news', qos: 1},
        {filter: 'room/+', qos: 0},
      ],
    }),
  ]);
  const b = new FakeGate('Gate@b', [
    person('cid', 'Gate@b', {waitingBytes: 2048, waitingPackets: 1, oldestWaitingAt: now - 20 * minute}),
  ]);
  for (const gate of [a, b]) gate.now = Date.now;
  return [a, b];
}

/** Waits until the sessions are in this order. */
async function ordered(dashboard: TestDashboard, names: string): Promise<void> {
  const shown = () =>
    dashboard.terminal
      .text()
      .split('\n')
      .flatMap((line) => /5e55(ann|bob|cid)/.exec(line)?.[1] ?? [])
      .join(' ');
  await expect.poll(shown, {timeout: 20_000}).toBe(names);
}

const sortBy = (dashboard: TestDashboard, column: string): void => {
  dashboard.press(':');
  dashboard.type(`sort ${column}`);
  dashboard.press('enter');
};

describe.each(sizes)('who is stuck, at $columns x $rows', (size) => {
  test('the sessions sort by their queues and show them', async () => {
    await using dashboard = new TestDashboard({gates: gates(), size});
    dashboard.press('2');
    await dashboard.shows('ann', 'bob', 'cid');
    sortBy(dashboard, 'waiting');
    await ordered(dashboard, 'bob cid ann');
    const screen = await dashboard.shows('WAITING v', '300 KiB', '2 KiB', '0 B', 'OLDEST', '20m');
    for (const line of screen.split('\n')) expect(line.length).toBeLessThanOrEqual(size.columns);
    sortBy(dashboard, 'oldest');
    await ordered(dashboard, 'cid bob ann');
    dashboard.press('r');
    await ordered(dashboard, 'ann bob cid');
  });

  test('the session screen shows the queue with its history, and the keep-alive', async () => {
    const some = gates();
    await using dashboard = new TestDashboard({gates: some, size});
    dashboard.press('2');
    await dashboard.shows('bob');
    sortBy(dashboard, 'waiting');
    await dashboard.shows('> 5e55bob', '300 KiB');
    dashboard.press('enter');
    const screen = await dashboard.shows('waiting', '300 KiB, oldest 5m');
    if (size.columns > 60) {
      await dashboard.shows('█ 300 KiB');
      await dashboard.shows('keep-alive ends in');
    }
    if (size.columns > 60) await dashboard.shows('topics', 'news (QoS 1)');
    expect(screen.split('\n')).toHaveLength(size.rows);
  });
});

test('a wide screen shows queues in any order, a narrow one asks for none', async () => {
  const [wide, narrow] = [gates(), gates()];
  await using large = new TestDashboard({gates: wide, size: {columns: 200, rows: 50}});
  large.press('2');
  await large.shows('WAITING', '300 KiB', 'KEEP-ALIVE');
  await using small = new TestDashboard({gates: narrow, size: {columns: 80, rows: 24}});
  small.press('2');
  await small.shows('bob', 'cid');
  expect(small.terminal.text()).not.toContain('WAITING');
  expect(narrow.flatMap(({calls}) => calls)).not.toContain('GatectlConnections');
});

test('only the rows on screen are asked for, and an older gate shows its sessions without a queue', async () => {
  const gate = new FakeGate('Gate@a');
  for (let at = 100; at < 300; at += 1)
    gate.add(aRow({sessionId: `5e55${at}`, userId: `u${at}`}, {connectionState: {waitingBytes: 0}}));
  const asked: number[] = [];
  const {connections} = gate;
  gate.connections = (query) => {
    if (query.sessions !== undefined) asked.push(query.sessions.length);
    return connections.call(gate, query);
  };
  await using dashboard = new TestDashboard({gates: [gate], size: {columns: 200, rows: 24}});
  dashboard.press('2');
  await dashboard.shows('0 B');
  expect(Math.max(...asked)).toBeLessThan(24);
  const older = new FakeGate('Gate@b', [aRow({sessionId: '5e55dan', userId: 'dan'})]);
  older.lacks.add('GatectlConnections');
  await using other = new TestDashboard({gates: [older], size: {columns: 80, rows: 24}});
  other.press('2');
  await other.shows('dan');
  sortBy(other, 'waiting');
  await other.shows('WAITING v', 'dan');
});

test('the composer says that the client has not subscribed to the topic', async () => {
  await using dashboard = new TestDashboard({gates: gates().slice(0, 1)});
  dashboard.press('2');
  await dashboard.shows('bob');
  sortBy(dashboard, 'waiting');
  await dashboard.shows('> 5e55bob');
  dashboard.press('s');
  await dashboard.shows('topic');
  dashboard.type('shop');
  await dashboard.shows('the client has not subscribed to "shop"; gates push it anyway');
  for (let at = 0; at < 4; at += 1) dashboard.press('backspace');
  dashboard.type('news');
  await dashboard.hides('has not subscribed');
});
