import {describe, expect, test} from 'vitest';
import type {ClusterEvent, GateOutcome, LocatedRow} from '../../../src/cluster/cluster.js';
import {parseSelector} from '../../../src/selector/selector.js';
import {parseSessionOrder} from '../../../src/selector/sort-order.js';
import type {EventKind} from '../../../src/session/codec/event-page.js';
import {stringBag} from '../../../src/session/session.js';
import {equivalentCommand} from '../../../src/tui/keymap/equivalent-command.js';
import {keyBindings} from '../../../src/tui/keymap/keymap.js';
import {frameLayout, sessionsToRequest} from '../../../src/tui/layout/screen-layout.js';
import type {Action} from '../../../src/tui/model/action.js';
import {actionTargets, isTargetingAllMatches} from '../../../src/tui/model/action-targets.js';
import {
  clusterTotals,
  failingStorageCount,
  filteredEvents,
  gateStatus,
  tableWindow,
} from '../../../src/tui/model/derived-state.js';
import {metricsOfGate} from '../../../src/tui/model/gate-metrics.js';
import {initialState} from '../../../src/tui/model/initial-state.js';
import {maxKeptEvents, reduce} from '../../../src/tui/model/reduce/reduce.js';
import {type State, tableStateAtTop} from '../../../src/tui/model/state.js';
import {someAbout} from '../../support/dashboard.js';
import {aSession, FakeGate} from '../../support/fake-gate.js';
import {aNode} from '../../support/fake-registry.js';

const start = 1_800_000_000_000;
const fresh = (): State => initialState(someAbout, {columns: 80, rows: 24}, start);
const applied = (state: State, ...actions: readonly Action[]): State => actions.reduce(reduce, state);

function row(id: string, connectedAt: number, node = 'Gate@a', settings = {}): LocatedRow {
  const session = aSession({sessionId: id, userId: `u-${id}`, settings: stringBag(Object.entries(settings))});
  return {session, node, connectedAt, lastActiveAt: connectedAt, received: 1, sent: 1, observedAt: start};
}

const ok = (node: string): GateOutcome => ({node, status: 'ok', ms: 1, count: 0});
const failed = (node: string): GateOutcome => ({
  ...{node, status: 'failed', reason: 'timeout', ms: 2000, count: 0},
  message: `${node} did not answer`,
});

const listed = (rows: readonly LocatedRow[], at = start, outcomes = [ok('Gate@a')], limit = 50): Action => ({
  type: 'sessions',
  question: 'age ',
  ...{rows, outcomes, sampled: [], limit, at},
});

function told(kind: EventKind, of: LocatedRow, fields: Partial<LocatedRow['session']> = {}): ClusterEvent {
  const {connectedAt, lastActiveAt, received, sent} = of;
  const about = {session: {...of.session, ...fields}, connectedAt, lastActiveAt, received, sent};
  const event = {kind, at: of.observedAt ?? start, uidBefore: '', keys: [], why: 'bye', ...about};
  return {type: 'event', node: of.node, event};
}

const keys = ({sessions}: State): readonly string[] =>
  sessions.rows.map(({row: {session}}) => session.sessionId);

describe('rows of sessions', () => {
  const [a, b, c] = [row('a', start - 3000), row('b', start - 2000), row('c', start - 1000)];

  test('a row that is missing in a new answer fades in place, and disappears after five seconds', () => {
    const state = applied(fresh(), listed([a, b, c]), listed([a, c], start + 2000));
    expect(keys(state)).toEqual(['a', 'b', 'c']);
    expect(state.sessions.rows[1]?.vanished).toMatchObject({at: start + 2000});
    expect(keys(applied(state, {type: 'tick', now: start + 6900}))).toEqual(['a', 'b', 'c']);
    expect(keys(applied(state, {type: 'tick', now: start + 7100}))).toEqual(['a', 'c']);
  });

  test('a row that is missing in a truncated list is not shown as closed: it may be further down', () => {
    const cut = (rows: readonly LocatedRow[], at: number) => listed(rows, at, [ok('Gate@a')], 2);
    const state = applied(fresh(), cut([a, b], start), cut([b, c], start + 2000));
    expect(keys(state)).toEqual(['b', 'c']);
    const closed: Action = {type: 'heard', events: [told('closed', a)], at: start + 100};
    const heard = applied(fresh(), cut([a, b], start), closed, cut([b, c], start + 2000));
    expect(heard.sessions.rows.map(({vanished}) => vanished?.why)).toEqual(['bye', undefined, undefined]);
  });

  test('connecting clients never make the list longer than the most that is requested', () => {
    const truncated = listed([a], start, [ok('Gate@a')], 1);
    const events = Array.from({length: 1500}, (_, at) => told('connected', row(`n${at}`, start - 5000 - at)));
    const state = applied(fresh(), truncated, {type: 'heard', events, at: start + 100});
    expect(state.sessions.rows).toHaveLength(1000);
  });

  test('another order moves the cursor to the top', () => {
    const open = applied(fresh(), {type: 'go', screen: {name: 'sessions'}}, listed([a, b, c]));
    const turned = applied(
      open,
      {type: 'order', order: parseSessionOrder('-age')},
      {type: 'tick', now: start + 1},
      {
        ...listed([c, b, a]),
        question: '-age ',
      } as Action,
    );
    expect(actionTargets(turned)).toMatchObject([{id: 'c'}]);
  });

  test('rows of a gate that did not answer stay unchanged', () => {
    const other = row('o', start - 1500, 'Gate@b');
    const state = applied(
      fresh(),
      listed([a, other]),
      listed([a], start + 2000, [ok('Gate@a'), failed('Gate@b')]),
    );
    expect(keys(state)).toEqual(['a', 'o']);
    expect(state.sessions.rows[1]?.vanished).toBeUndefined();
  });

  test('a delayed answer does not bring back a closed session', () => {
    const state = applied(
      fresh(),
      listed([a, b]),
      {type: 'heard', events: [told('closed', b)], at: start + 100},
      listed([a, b], start + 200),
    );
    expect(state.sessions.rows.map(({vanished}) => vanished?.why)).toEqual([undefined, 'bye']);
  });

  test('an answer to another query replaces all rows', () => {
    const state = applied(fresh(), listed([a, b]), {...listed([c]), question: 'uid '} as Action);
    expect(keys(state)).toEqual(['c']);
  });

  test('a new session is sorted in if all sessions are shown, and not added after the end of a truncated list', () => {
    const young = {...row('y', start + 50), observedAt: start + 60};
    const connected: Action = {type: 'heard', events: [told('connected', young)], at: start + 100};
    const whole = applied(fresh(), listed([a, b]), {type: 'counted', question: 'age ', total: 2}, connected);
    expect(keys(whole)).toEqual(['a', 'b', 'y']);
    expect(whole.sessions.total).toBe(3);
    const part = applied(fresh(), listed([a, b]), {type: 'counted', question: 'age ', total: 900}, connected);
    expect(keys(part)).toEqual(['a', 'b']);
    const newestFirst = applied(
      fresh(),
      {type: 'order', order: parseSessionOrder('-age')},
      listed([b, a]),
      connected,
    );
    expect(keys(newestFirst)).toEqual(['y', 'b', 'a']);
  });

  test('a row that no longer matches the filter is marked', async () => {
    const selector = await parseSelector('uid == "u-a"');
    const filter: Action = {type: 'filter', name: 'sessions', filter: {text: selector.text, selector}};
    const state = applied(fresh(), filter, listed([a]), {
      ...{type: 'heard', at: start + 1, events: [told('bound', a, {userId: 'other'})]},
    } as Action);
    expect(state.sessions.rows[0]?.vanished?.why).toBe('no longer matches');
  });

  test('the cursor stays on its row when rows are inserted before it', () => {
    const open = applied(fresh(), {type: 'go', screen: {name: 'sessions'}}, listed([b, c]), {
      type: 'move',
      by: 1,
    });
    const state = applied(open, listed([a, b, c], start + 1));
    expect(actionTargets(state)).toMatchObject([{id: 'c'}]);
  });

  test('marks survive a change of the filter, and actions apply to them', () => {
    const open = applied(fresh(), {type: 'go', screen: {name: 'sessions'}}, listed([a, b, c]), {
      type: 'mark',
    });
    const state = applied(open, {...listed([c]), question: 'age x'} as Action);
    expect(actionTargets(state)).toMatchObject([{id: 'a', node: 'Gate@a', uid: 'u-a'}]);
    expect(actionTargets(applied(state, {type: 'unmark'}))).toMatchObject([{id: 'c'}]);
  });
});

describe('choosing all matching sessions', () => {
  const chosen = async (): Promise<State> => {
    const selector = await parseSelector('uid == "u-a"');
    return applied(
      fresh(),
      {type: 'go', screen: {name: 'sessions'}},
      {type: 'filter', name: 'sessions', filter: {text: selector.text, selector}},
      {type: 'mark'},
      {type: 'choose-all'},
    );
  };

  test('replaces the marks, until a row is marked or the filter changes', async () => {
    const state = await chosen();
    expect(isTargetingAllMatches(state)).toBe(true);
    expect(state.sessions.marks.size).toBe(0);
    const filter = {text: 'uid == "b"', selector: await parseSelector('uid == "b"')};
    for (const deed of [
      {type: 'mark'},
      {type: 'mark-all'},
      {type: 'unmark'},
      {type: 'filter', name: 'sessions', filter},
    ] as const)
      expect(isTargetingAllMatches(applied(state, deed)), deed.type).toBe(false);
    expect(isTargetingAllMatches(applied(state, {type: 'filter', name: 'events', filter}))).toBe(true);
  });

  test('does not affect an action on the screen of one session', async () => {
    const state = applied(await chosen(), {type: 'open', screen: {name: 'session', subject: 'Gate@a/a'}});
    expect(isTargetingAllMatches(state)).toBe(false);
  });
});

describe('gates', () => {
  const gates: Action = {type: 'gates', nodes: [aNode('Gate@a'), aNode('Gate@b')], at: start};
  const stats = (
    at: number,
    connects: number,
    outcomes = [ok('Gate@a'), ok('Gate@b')],
    startedAt = 1,
  ): Action => {
    const one = {
      now: at,
      startedAt,
      sessions: 5,
      bound: 3,
      connects,
      disconnects: 0,
      received: 0,
      sent: 0,
      dirty: 0,
    };
    const answered = outcomes.filter(({status}) => status === 'ok');
    return {type: 'stats', results: new Map(answered.map(({node}) => [node, one])), outcomes, at};
  };
  const standing = (state: State, id: string) => {
    const gate = state.gates.get(id);
    return gate && gateStatus(gate, state).word;
  };

  test('a gate that does not answer is silent since then, and live when it answers again', () => {
    const silent = applied(
      fresh(),
      gates,
      stats(start, 1),
      stats(start + 2000, 1, [ok('Gate@a'), failed('Gate@b')]),
    );
    expect(standing(silent, 'Gate@a')).toBe('live');
    expect(standing(silent, 'Gate@b')).toBe('silent');
    expect(silent.gates.get('Gate@b')?.failure?.since).toBe(start + 2000);
    expect(clusterTotals(silent)).toMatchObject({gates: 2, live: 1, sessions: 5, bound: 3, isWhole: false});
    const lost = applied(silent, {type: 'link', state: 'lost', at: start + 2100});
    expect(clusterTotals(lost)).toMatchObject({live: 0, sessions: 10, isWhole: false});
    expect(standing(applied(silent, stats(start + 4000, 1)), 'Gate@b')).toBe('live');
  });

  test('no gate is live while the bus is lost; after a reconnect every query runs again and the gap is marked', () => {
    const known = applied(fresh(), gates, stats(start, 1));
    const lost = applied(known, {type: 'link', state: 'lost', at: start + 1});
    expect(standing(lost, 'Gate@a')).toBe('reconnecting');
    const back = applied(lost, {type: 'link', state: 'back', at: start + 2});
    expect(back.generation).toBeGreaterThan(known.generation);
    expect(back.gates.get('Gate@a')?.gap).toMatchObject({at: start + 2});
  });

  test('a gate that refuses new sessions is draining until it is empty, and its data is complete', () => {
    const withState = (sessions: number): Action => {
      const action = stats(start, 1);
      if (action.type !== 'stats') throw new Error('not stats');
      const drained = [...action.results].map(
        ([id, one]) => [id, {...one, sessions, state: 'draining'}] as const,
      );
      return {...action, results: new Map(drained)};
    };
    const draining = applied(fresh(), gates, withState(3));
    expect(standing(draining, 'Gate@a')).toBe('draining');
    expect(clusterTotals(draining)).toMatchObject({isWhole: true, live: 2});
    expect(standing(applied(draining, withState(0)), 'Gate@a')).toBe('drained');
    expect(standing(applied(draining, stats(start, 1)), 'Gate@a')).toBe('live');
  });

  test('one whose storage fails is dirty and says why, once two polls agree', async () => {
    const info = await new FakeGate('Gate@a').info();
    const failing = {...info, storage: {...info.storage, dirty: 2, failure: 'connection refused'}};
    const withDirty = (at: number, news: {readonly failure?: string} = {}): Action => {
      const action = stats(at, 1);
      if (action.type !== 'stats') throw new Error('not stats');
      return {
        ...action,
        results: new Map([...action.results].map(([id, one]) => [id, {...one, dirty: 2, ...news}])),
      };
    };
    const known = applied(fresh(), gates, {type: 'infos', results: new Map([['Gate@a', failing]])});
    const once = applied(known, withDirty(start));
    expect(standing(once, 'Gate@a')).toBe('live');
    const twice = applied(once, withDirty(start + 1));
    const gate = twice.gates.get('Gate@a');
    expect(gate && gateStatus(gate, twice)).toEqual({
      ...{word: 'dirty', tone: 'warn'},
      why: '2 sessions not stored in memory: connection refused',
    });
    const fresher = applied(twice, withDirty(start + 2, {failure: 'timed out'}));
    const same = fresher.gates.get('Gate@a');
    expect(same && gateStatus(same, fresher).why).toBe('2 sessions not stored in memory: timed out');
    expect(clusterTotals(twice).isWhole).toBe(true);
    expect(failingStorageCount(twice)).toBe(1);
    expect(standing(applied(twice, stats(start + 2, 1)), 'Gate@a')).toBe('live');
  });

  test('a gate without a recent answer is stale, and one that left is shown as left', () => {
    const known = applied(fresh(), gates, stats(start, 1));
    expect(standing(applied(known, {type: 'tick', now: start + 20_000}), 'Gate@a')).toBe('stale');
    const left = applied(known, {type: 'gates', nodes: [aNode('Gate@a')], at: start + 1});
    expect(standing(left, 'Gate@b')).toBe('left');
    expect(applied(left, {type: 'tick', now: start + 70_000}).gates.has('Gate@b')).toBe(false);
  });

  test('the round trip is that of the latest poll, whatever was answered since', () => {
    const later: Action = {type: 'pings', outcomes: [{...ok('Gate@a'), ms: 400}], at: start + 1};
    const gate = applied(fresh(), gates, stats(start, 1, [{...ok('Gate@a'), ms: 2}]), later).gates.get(
      'Gate@a',
    );
    expect(gate?.roundTripMs).toBe(400);
    expect(gate && metricsOfGate(gate).current.ms).toBe(2);
  });

  test('rates are per second, and a restarted gate has none for that interval', () => {
    const state = applied(
      fresh(),
      gates,
      stats(start, 10),
      stats(start + 2000, 14),
      stats(start + 4000, 3, undefined, 2),
    );
    const gate = state.gates.get('Gate@a');
    expect(gate && metricsOfGate(gate).history.connects.map(({value}) => value)).toEqual([2, 0]);
  });
});

describe('events', () => {
  test('a bounded number of events is kept; gaps are shown whatever the filter is', () => {
    const one = row('a', start);
    const many = Array.from({length: maxKeptEvents + 500}, () => told('settings', one));
    const gap: ClusterEvent = {type: 'gap', node: 'Gate@a', at: start, lost: 3, why: 'lost'};
    const state = applied(
      fresh(),
      {type: 'heard', events: many, at: start},
      {type: 'heard', events: [gap, told('closed', one)], at: start},
      {type: 'kinds', kinds: 'identity'},
    );
    expect(state.events.received).toHaveLength(maxKeptEvents);
    expect(filteredEvents(state).map(({clusterEvent: {type}}) => type)).toEqual(['gap']);
  });
});

describe('windows and frames', () => {
  const many = Array.from({length: 100}, (_, at) => String(at));

  test('the cursor stays visible when the screen shrinks or rows disappear', () => {
    for (const height of [1, 3, 10, 200]) {
      for (const at of [0, 1, 50, 99]) {
        const {top, index} = tableWindow(
          {...tableStateAtTop, key: String(at), index: at, top: 80},
          many,
          height,
        );
        expect(index).toBe(at);
        expect(at).toBeGreaterThanOrEqual(top);
        expect(at).toBeLessThan(top + height);
      }
    }
    expect(tableWindow({key: 'gone', index: 99, top: 90}, many.slice(0, 5), 10)).toMatchObject({
      index: 4,
      top: 0,
    });
    expect(tableWindow(tableStateAtTop, [], 10).index).toBe(-1);
    expect(tableWindow(tableStateAtTop, many, 10, true)).toMatchObject({index: 99, top: 90});
  });

  test('only the rows of the screen and a margin are requested', () => {
    expect(sessionsToRequest(fresh())).toBe(50);
    expect(sessionsToRequest(applied(fresh(), {type: 'resize', size: {columns: 300, rows: 100}}))).toBe(200);
  });

  test('the parts of the frame fill the screen at any size', () => {
    for (const rows of [5, 10, 15, 24, 100]) {
      const frame = frameLayout(applied(fresh(), {type: 'resize', size: {columns: 20, rows}}));
      expect(frame.bodyTop + frame.body + 2).toBe(Math.max(rows, frame.bodyTop + 3));
    }
  });
});

test('no key has two meanings on one screen', () => {
  const all = [...new Set(keyBindings.flatMap(({screens}) => screens ?? []))];
  for (const screen of all) {
    const there = keyBindings.filter(({screens}) => screens === undefined || screens.includes(screen));
    const pressed = there.flatMap(({keys: names}) => names);
    expect(pressed.filter((key, at) => pressed.indexOf(key) !== at)).toEqual([]);
  }
});

test('the equivalent command of the records has their filter', () => {
  const filter: Action = {type: 'filter', name: 'records', filter: {text: 'settings.room == "x"'}};
  const state = applied(fresh(), {type: 'go', screen: {name: 'records'}}, filter);
  expect(equivalentCommand(state)).toBe(`gatectl records list --where 'settings.room == "x"'`);
});

test('the equivalent command of the journal has its search words', () => {
  const state = applied(
    fresh(),
    {type: 'go', screen: {name: 'journal'}},
    {type: 'filter', name: 'journal', filter: {text: 'kick u42'}},
  );
  expect(equivalentCommand(state)).toBe("gatectl audit list --words 'kick u42'");
});

test('the equivalent command of a screen is quoted for a shell', () => {
  const filter: Action = {type: 'filter', name: 'sessions', filter: {text: 'uid == "it\'s\u001b"'}};
  const state = applied(fresh(), {type: 'go', screen: {name: 'sessions'}}, filter);
  expect(equivalentCommand(state)).toBe(
    'gatectl sessions list --where $\'uid == "it\\x27s\\x1b"\' --sort age --limit 50',
  );
});

test('the reason why a key has no effect stays on its screen; the result of a write is shown on the next one too', () => {
  const notice = (tone: 'good' | 'warn' | 'plain'): Action => ({
    type: 'notice',
    notice: {text: 'said', tone, at: start},
  });
  const way: readonly Action[] = [
    {type: 'go', screen: {name: 'records'}},
    {type: 'open', screen: {name: 'help'}},
    {type: 'back'},
  ];
  for (const step of way) {
    expect(
      applied(fresh(), {type: 'open', screen: {name: 'help'}}, notice('warn'), step).notice,
    ).toBeUndefined();
    expect(applied(fresh(), {type: 'open', screen: {name: 'help'}}, notice('good'), step).notice?.text).toBe(
      'said',
    );
  }
});
