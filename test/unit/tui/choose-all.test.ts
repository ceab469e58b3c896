import {describe, expect, test} from 'vitest';
import {CallError} from '../../../src/base/errors.js';
import {stringBag} from '../../../src/session/session.js';
import {TestDashboard} from '../../support/dashboard.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {until} from '../../support/poll.js';
import {fakeCluster, realClock} from '../../support/run-cli.js';

const lobby = 'settings.room == "lobby"';

function gateWith(id: string, lobbyists: number, others: number): FakeGate {
  const player = (at: number, room: string) =>
    aRow({serverId: id, userId: `${room}-${at}`, settings: stringBag([['room', room]])});
  return new FakeGate(id, [
    ...Array.from({length: lobbyists}, (_, at) => player(at, 'lobby')),
    ...Array.from({length: others}, (_, at) => player(at, 'arena')),
  ]);
}

const atItsPace = (gates: readonly FakeGate[]) => fakeCluster(gates, undefined, realClock);

const roomsOf = (gates: readonly FakeGate[]): readonly (string | undefined)[] =>
  gates.flatMap(({rows}) => [...rows.values()].map(({session}) => session.settings['room']));

async function chosen(dashboard: TestDashboard): Promise<void> {
  dashboard.press('2');
  await dashboard.shows('lobby-0');
  dashboard.press('/');
  dashboard.type(lobby);
  dashboard.press('enter');
  await dashboard.shows(`where ${lobby}`);
  dashboard.press('*');
  await dashboard.shows('ALL matches selected');
}

describe('all sessions that match a filter', () => {
  test('are kicked after the count is typed, including sessions that are not listed', async () => {
    const gates = [gateWith('Gate@a', 70, 3), gateWith('Gate@b', 50, 2)];
    await using dashboard = new TestDashboard({gates});
    await chosen(dashboard);
    dashboard.press('K');
    await dashboard.shows('kick 120 sessions where settings.room', 'Gate@a: 70', 'Gate@b: 50');
    await dashboard.shows(`--where '${lobby}'`, '100 per second on each gate');
    dashboard.press('ctrl-u');
    dashboard.type('0');
    await dashboard.shows('no rate limit', '--rate 0');
    dashboard.press('enter');
    await dashboard.shows('type "kick 120"');
    dashboard.press('y', 'enter');
    await dashboard.shows('type "kick 120", or Esc');
    expect(dashboard.written).toEqual([]);
    dashboard.press('ctrl-u');
    dashboard.type('kick 120');
    dashboard.press('enter');
    await dashboard.shows('120 done of 120 sessions');
    expect(roomsOf(gates)).toEqual(['arena', 'arena', 'arena', 'arena', 'arena']);
    expect(dashboard.written).toMatchObject([{path: 'sessions kick', input: {where: [lobby], matched: 120}}]);
    expect(dashboard.written[0]?.changes).toHaveLength(120);
    await dashboard.shows('outcomes: /state/outcomes/kept.jsonl');
    expect(dashboard.kept).toMatchObject([{action: {verb: 'kick'}, where: lobby}]);
    const states = dashboard.kept[0]?.outcomes.map(({state}) => state);
    expect(states).toEqual(Array.from({length: 120}, () => 'done'));
  });

  test('require a numeric rate', async () => {
    await using dashboard = new TestDashboard({gates: [gateWith('Gate@a', 12, 1)]});
    await chosen(dashboard);
    dashboard.press('s');
    await dashboard.shows('send to 12 sessions');
    dashboard.type('/news');
    dashboard.press('enter');
    dashboard.type('soon');
    dashboard.press('enter', 'ctrl-u');
    dashboard.type('f');
    await dashboard.shows('rate: expected a number, not "f"');
    dashboard.type('500');
    dashboard.press('enter');
    await dashboard.shows('type "send 12"');
    dashboard.type('send 12');
    dashboard.press('enter');
    await dashboard.shows('12 done of 12 sessions');
  });

  test('are not written to when a gate does not answer, which is named', async () => {
    const [good, bad] = [gateWith('Gate@a', 12, 0), gateWith('Gate@b', 12, 0)];
    await using dashboard = new TestDashboard({gates: [good, bad]});
    await chosen(dashboard);
    bad.before = (fn) => {
      if (fn === 'GatectlList')
        throw new CallError({reason: 'timeout', node: 'Gate@b', fn}, 'Gate@b did not answer');
    };
    dashboard.press('K');
    await dashboard.shows('could not find every session', '1 of 2 gates did not answer', 'nothing was sent');
    dashboard.press('enter');
    await dashboard.hides('could not find every session');
    expect(dashboard.written).toEqual([]);
    expect(good.rows.size).toBe(12);
  });

  test('require a filter, and refuse writes in read-only mode', async () => {
    await using dashboard = new TestDashboard({
      gates: [gateWith('Gate@a', 12, 0)],
      about: {readOnlySource: '--read-only'},
    });
    dashboard.press('2');
    await dashboard.shows('lobby-0');
    dashboard.press('*');
    await dashboard.shows('needs a filter: type one with /');
    await chosen(dashboard);
    dashboard.press('K');
    await dashboard.shows('K: --read-only forbids writes');
    dashboard.press('*');
    await dashboard.hides('ALL matches selected');
  });

  test('stop being written on Esc and Ctrl-C, with a report', async () => {
    const gates = [gateWith('Gate@a', 40, 0)];
    await using dashboard = new TestDashboard({gates, cluster: atItsPace(gates)});
    for (const [key, left] of [
      ['esc', 40],
      ['ctrl-c', undefined],
    ] as const) {
      await chosen(dashboard);
      dashboard.press('K');
      const count = gates[0]?.rows.size ?? 0;
      if (left !== undefined) expect(count).toBe(left);
      await dashboard.shows(`kick ${count} sessions`);
      dashboard.press('ctrl-u');
      dashboard.type('10');
      dashboard.press('enter');
      await dashboard.shows(`type "kick ${count}"`);
      dashboard.type(`kick ${count}`);
      dashboard.press('enter');
      await dashboard.shows('running', 'Esc stops');
      await until(() => (gates[0]?.rows.size ?? 0) < count - 2, {what: 'some to be kicked'});
      dashboard.press(key);
      await dashboard.shows('not started');
      const now = gates[0]?.rows.size ?? 0;
      await dashboard.shows(`${count - now} done of ${count} sessions`, `${now} sessions not started`);
      dashboard.press('enter', 'A', 'esc');
      await dashboard.hides('not started');
    }
    expect(dashboard.written.map(({path}) => path)).toEqual(['sessions kick', 'sessions kick']);
  });

  test('D09: stop being kicked on a reconnect storm', async () => {
    const gate = gateWith('Gate@a', 60, 0);
    const quiet = gate.stats.bind(gate);
    let readings = 0;
    gate.stats = async () => {
      readings += 1;
      return {...(await quiet()), now: readings * 1000, connects: readings * 400};
    };
    await using dashboard = new TestDashboard({gates: [gate], cluster: atItsPace([gate])});
    await chosen(dashboard);
    dashboard.press('K');
    await dashboard.shows('kick 60 sessions');
    dashboard.press('ctrl-u');
    dashboard.type('10');
    dashboard.press('enter');
    dashboard.type('kick 60');
    dashboard.press('enter');
    await dashboard.shows(
      'stopped: Gate@a has 400 new connections a second, more than the limit of 50',
      'not started',
    );
    expect(gate.rows.size).toBeGreaterThan(20);
  });
});
