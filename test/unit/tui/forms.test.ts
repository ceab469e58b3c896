import {describe, expect, test} from 'vitest';
import {stringBag} from '../../../src/session/session.js';
import {TestDashboard} from '../../support/dashboard.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';

const settings = stringBag([
  ['level', '7'],
  ['room', 'lobby'],
]);

const aGate = () =>
  new FakeGate('Gate@a', [aRow({sessionId: '5e55', userId: 'ann', serverId: 'Gate@a', settings}, {})]);

describe('the form of a setting', () => {
  test('begins in the value of the setting under the cursor', async () => {
    const gate = aGate();
    await using dashboard = new TestDashboard({gates: [gate]});
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('enter');
    await dashboard.shows('>', 'level', 'room');
    dashboard.press('j', 'e');
    await dashboard.shows('> value');
    dashboard.type('cellar');
    dashboard.press('enter');
    await dashboard.shows('room: lobby -> cellar (z undoes');
    expect(gate.rows.get('5e55')?.session.settings['room']).toBe('cellar');
  });

  test.each([
    ['typed', (dashboard: TestDashboard) => dashboard.type('level=12')],
    ['pasted', (dashboard: TestDashboard) => dashboard.terminal.paste('level=12')],
  ])('accepts level=12 %s as a name', async (_, enter) => {
    const gate = aGate();
    await using dashboard = new TestDashboard({gates: [gate]});
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('e');
    await dashboard.shows('> setting');
    enter(dashboard);
    await dashboard.shows('> value', 'settings.level: 7 -> 12');
    dashboard.press('enter');
    await dashboard.shows('level: 7 -> 12 (z undoes');
    expect(gate.rows.get('5e55')?.session.settings['level']).toBe('12');
  });
});

describe('the form of a kick', () => {
  test('begins at the reason, and shows it in the command and among the writes', async () => {
    await using dashboard = new TestDashboard({gates: [aGate()], size: {columns: 120, rows: 30}});
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('K', 'tab');
    await dashboard.shows('> reason');
    dashboard.type('ticket 4711');
    await dashboard.shows("$ gatectl sessions kick Gate@a/5e55 --reason 'ticket 4711'");
    dashboard.press('enter', 'enter', 'enter');
    await dashboard.shows('> wait');
    dashboard.type('y');
    await dashboard.shows('! wait: expected a number, not "y"');
    dashboard.type('3');
    await dashboard.hides('! wait');
    dashboard.press('enter', 'y');
    await dashboard.shows('closed, session removed');
    expect(dashboard.written).toMatchObject([{path: 'sessions kick', reason: 'ticket 4711'}]);
    dashboard.press('9');
    await dashboard.shows("--reason 'ticket 4711'");
  });
});
