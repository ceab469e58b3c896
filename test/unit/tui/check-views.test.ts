import {describe, expect, test} from 'vitest';
import {TestDashboard} from '../../support/dashboard.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';

const session = (id: string, uid: string, node: string, connectedAt: number, serverId = node) =>
  aRow({sessionId: id, userId: uid, serverId}, {connectedAt});

/** Uid ann twice, an old guest, a session that names no gate, and a record that nobody can read. */
function troubledGates(): readonly FakeGate[] {
  const now = Date.now();
  const first = new FakeGate('Gate@a', [
    session('a000000000000001', 'ann', 'Gate@a', now - 60_000),
    session('a000000000000002', '', 'Gate@a', now - 5 * 3_600_000),
  ]);
  const second = new FakeGate('Gate@b', [
    session('b000000000000001', 'ann', 'Gate@b', now - 1000),
    session('b000000000000002', 'bob', 'Gate@b', now - 1000, ''),
  ]);
  first.records.set('dan', {uid: 'dan', value: Buffer.from('no record'), revision: '3', expiresAt: 0});
  for (const gate of [first, second]) gate.now = Date.now;
  return [first, second];
}

const sizes = [
  {columns: 60, rows: 15},
  {columns: 80, rows: 24},
  {columns: 200, rows: 50},
];

describe.each(sizes)('anomalies at $columns x $rows', (size) => {
  test('are listed by severity, each with its fix', async () => {
    await using dashboard = new TestDashboard({gates: troubledGates(), size});
    dashboard.press('7');
    const screen = await dashboard.shows('duplicate-uid', 'old-guest', '2 high, 1 medium, 1 low');
    const checks = screen.match(/duplicate-uid|no-server|undecodable|old-guest/g) ?? [];
    expect(checks.slice(0, 4)).toEqual(['duplicate-uid', 'no-server', 'undecodable', 'old-guest']);
    expect(screen).toContain('2 sessions on 2 gates');
    expect(screen).toContain('$ gatectl sessions find ann');
    const lines = screen.split('\n');
    expect(lines).toHaveLength(size.rows);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(size.columns);
  });
});

describe('the keys that fix an anomaly', () => {
  test('K kicks all sessions of a uid but the newest, after a confirmation', async () => {
    const gates = troubledGates();
    await using dashboard = new TestDashboard({gates});
    dashboard.press('7');
    await dashboard.shows('> high', 'duplicate-uid');
    dashboard.press('K');
    await dashboard.shows('kick session a000000000000001 of uid ann on Gate@a', 'y yes');
    dashboard.press('y');
    await dashboard.shows('closed, session removed');
    expect([...(gates[0]?.rows.keys() ?? [])]).toEqual(['a000000000000002']);
    expect([...(gates[1]?.rows.keys() ?? [])]).toEqual(['b000000000000001', 'b000000000000002']);
    await dashboard.hides('duplicate-uid'); // it checks again
  });

  test('D deletes an unreadable record, and K names D for it', async () => {
    const gates = troubledGates();
    await using dashboard = new TestDashboard({gates});
    dashboard.press('7');
    await dashboard.shows('undecodable');
    dashboard.press('j', 'j', 'K');
    await dashboard.shows('K: D deletes the record');
    dashboard.press('D');
    await dashboard.shows('delete the record of dan', 'y yes');
    dashboard.press('y');
    await dashboard.shows('deleted by Gate@a');
    expect(gates[0]?.records.has('dan')).toBe(false);
  });

  test('Enter opens the sessions of the uid, the session, or the record', async () => {
    await using dashboard = new TestDashboard({gates: troubledGates()});
    dashboard.press('7');
    await dashboard.shows('duplicate-uid');
    dashboard.press('enter');
    await dashboard.shows('where uid == "ann"', '2 sessions');
    dashboard.press('esc', 'j', 'enter');
    await dashboard.shows('[7 Anomalies › bob]', 'b000000000000002');
    dashboard.press('esc', 'j', 'enter');
    await dashboard.shows('[7 Anomalies › record dan]');
  });

  test('are not offered in read-only mode', async () => {
    const about = {readOnlySource: '--read-only'};
    await using dashboard = new TestDashboard({gates: troubledGates(), about});
    dashboard.press('7');
    await dashboard.shows('duplicate-uid');
    dashboard.press('K');
    await dashboard.shows('K: --read-only forbids writes');
  });
});

test('a cluster without anomalies shows the number of checked sessions, and Ctrl-R checks again', async () => {
  const gate = new FakeGate('Gate@a', [session('a1', 'ann', 'Gate@a', Date.now())]);
  await using dashboard = new TestDashboard({gates: [gate]});
  dashboard.press('7');
  await dashboard.shows('no anomaly among 1 session and 0 records');
  gate.rows.set('a2', session('a2', 'ann', 'Gate@a', Date.now()));
  dashboard.press('ctrl-r');
  await dashboard.shows('duplicate-uid', '1 medium');
});

const findings = [
  {check: 'bus', subject: 'nats://127.0.0.1', state: 'ok', detail: 'connected in 3 ms', next: ''},
  {
    check: 'round trip',
    subject: 'Gate@b',
    state: 'fail',
    detail: 'no reply in 2s',
    next: 'check that Gate@b is running',
  },
  {check: 'storage', subject: 'Gate@a', state: 'warn', detail: 'memory only', next: 'configure a store'},
] as const;

describe.each(sizes)('the doctor at $columns x $rows', (size) => {
  test('shows failures first, and the whole finding under the cursor', async () => {
    await using dashboard = new TestDashboard({gates: troubledGates(), findings, size});
    dashboard.press('8');
    const screen = await dashboard.shows('1 failure, 1 warning, 1 ok', 'next: check that Gate@b is running');
    expect(screen.match(/(?<=^..)(fail|warn|ok)/gm)).toEqual(['fail', 'warn', 'ok']);
    dashboard.press('j');
    await dashboard.shows('next: configure a store');
  });
});

test('details of the doctor are whole on a wide screen when there is no next step', async () => {
  const detail = Array.from({length: 20}, (_, at) => `word${at}`).join(' ');
  const all = [{check: 'bus', subject: 'nats://127.0.0.1', state: 'ok', detail, next: ''}] as const;
  const size = {columns: 200, rows: 50};
  await using dashboard = new TestDashboard({gates: troubledGates(), findings: all, size});
  dashboard.press('8');
  await dashboard.shows(`> ok     bus    nats://127.0.0.1  ${detail}`);
});
