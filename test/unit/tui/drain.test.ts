import {describe, expect, test} from 'vitest';
import {type DashboardWorld, TestDashboard} from '../../support/dashboard.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';

/** Gates a and b; a has this many sessions, whose clients were active lately. */
function twoGates(sessions: number): readonly [FakeGate, FakeGate] {
  const rows = Array.from({length: sessions}, () => aRow({serverId: 'Gate@a'}, {lastActiveAt: Date.now()}));
  const gates = [new FakeGate('Gate@a', rows), new FakeGate('Gate@b')] as const;
  for (const gate of gates) gate.now = Date.now;
  return gates;
}

/** The cursor is on Gate@a. */
async function opened(world: DashboardWorld): Promise<TestDashboard> {
  const dashboard = new TestDashboard({size: {columns: 100, rows: 30}, ...world});
  await dashboard.shows('Gate@a', 'live', 'memory');
  dashboard.press('j');
  await dashboard.hides('(d drain)');
  return dashboard;
}

describe('d on a gate', () => {
  test('drains it after its confirmation, and i resumes it', async () => {
    const gates = twoGates(12);
    await using dashboard = await opened({gates});
    dashboard.press('d');
    await dashboard.shows(
      'refuses new sessions and evicts 12 sessions in about 12s',
      '$ gatectl gates drain Gate@a --rate 1',
      'at 1 per second on each gate',
    );
    dashboard.type('1x00');
    await dashboard.shows('in about 0.1s', 'at 100 per second on each gate');
    dashboard.press('enter', 'enter');
    await dashboard.shows('type "drain Gate@a"');
    dashboard.type('drax');
    await dashboard.shows('! type "drain Gate@a", or Esc');
    dashboard.press('backspace');
    await dashboard.hides('! type');
    dashboard.type('in Gate@a');
    dashboard.press('enter');
    await dashboard.shows('Gate@a drained, 12 sessions evicted');
    expect([gates[0].state, gates[0].rows.size, gates[1].state]).toEqual(['draining', 0, 'serving']);
    expect(dashboard.written).toMatchObject([
      {
        path: 'gates drain',
        input: {gate: ['Gate@a'], rate: 100},
        changes: [{target: 'Gate@a', before: {state: 'serving'}, after: {state: 'draining'}}],
      },
    ]);
    await dashboard.shows('drained');
    await dashboard.hides('(i resume)');
    dashboard.press('i');
    await dashboard.shows('resume Gate@a?');
    dashboard.press('y');
    await dashboard.shows('Gate@a takes new sessions');
    expect(gates[0].state).toBe('serving');
    expect(dashboard.written.map(({path}) => path)).toEqual(['gates drain', 'gates resume']);
  });

  test('shows progress, and Esc leaves the gate draining', async () => {
    const gates = twoGates(3);
    await using dashboard = await opened({gates});
    dashboard.press('d', 'tab');
    dashboard.type('1h');
    await dashboard.shows('--wait-idle 1h');
    dashboard.press('enter');
    await dashboard.shows('drain Gate@a and evict 3 sessions?');
    dashboard.press('y');
    await dashboard.shows('running 3 of 3 sessions left', 'Esc stops');
    dashboard.press('esc');
    await dashboard.shows('0 sessions evicted, 3 left', 'd continues, i resumes it');
    expect([gates[0].state, gates[0].rows.size]).toEqual(['draining', 3]);
  });

  test('warns when no other gate remains, and refuses a duration that is none', async () => {
    const [gate] = twoGates(1);
    await using dashboard = await opened({gates: [gate]});
    dashboard.press('d', 'tab');
    await dashboard.shows('no other gate is known to take the clients');
    dashboard.type('soon');
    dashboard.press('enter');
    await dashboard.shows('invalid duration "soon"');
    dashboard.press('esc');
    await dashboard.shows('cancelled: nothing was sent');
    expect(gate.state).toBe('serving');
  });

  test('says why a stock gate cannot be drained, and a serving one not resumed', async () => {
    const [gate, other] = twoGates(1);
    gate.info = async () => ({...(await other.info()), nodeId: 'Gate@a', functions: []});
    await using dashboard = new TestDashboard({gates: [gate, other]});
    await dashboard.shows('Gate@b', 'live');
    dashboard.press('d');
    await dashboard.shows('needs the cursor on one gate');
    dashboard.press('j', 'd');
    await dashboard.shows("the gate can't refuse new sessions");
    dashboard.press('j', 'i');
    await dashboard.shows('the gate accepts new sessions');
  });
});
