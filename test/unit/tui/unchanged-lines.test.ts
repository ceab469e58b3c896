import {describe, expect, test} from 'vitest';
import type {GateOutcome, LocatedRow} from '../../../src/cluster/cluster.js';
import {sessionColumns} from '../../../src/tui/layout/session-columns.js';
import type {Action} from '../../../src/tui/model/action.js';
import {initialState} from '../../../src/tui/model/initial-state.js';
import {reduce} from '../../../src/tui/model/reduce/reduce.js';
import type {State} from '../../../src/tui/model/state.js';
import type {Line} from '../../../src/tui/text/line.js';
import {themes} from '../../../src/tui/text/theme.js';
import {frameLines} from '../../../src/tui/views/frame.js';
import {someAbout} from '../../support/dashboard.js';
import {aSession} from '../../support/fake-gate.js';
import {aNode} from '../../support/fake-registry.js';

const start = 1_800_000_000_000;
const hour = 3_600_000;
const nodes = ['Gate@a', 'Gate@b'].map((id) => aNode(id));
const outcomes = nodes.map(({id}): GateOutcome => ({node: id, status: 'ok', ms: 1, count: 0}));
const pen = {theme: themes.default, measure: (text: string) => text.length, ascii: false};
const textOf = ({spans}: Line): string => spans.map(({text}) => text).join('');

function row(id: string, age: number, at: number, received = 1): LocatedRow {
  const session = aSession({sessionId: id, userId: `u-${id}`});
  const then = start - age;
  const connectionState = {waitingBytes: 0, subscriptions: []};
  return {
    session,
    ...{node: 'Gate@a', connectedAt: then, lastActiveAt: then, received, sent: 1, observedAt: at},
    connectionState,
  };
}

const statsAt = (at: number, sessions = 5): Action => ({
  type: 'stats',
  outcomes,
  results: new Map(
    nodes.map(({id}) => [
      id,
      {now: at, startedAt: 1, ...{sessions, bound: 4, connects: 5, disconnects: 0}, ...noTraffic},
    ]),
  ),
  at,
});
const noTraffic = {received: 0, sent: 0, dirty: 0};

const listedAt = (at: number, rows: readonly LocatedRow[]): Action => ({
  type: 'sessions',
  ...{question: 'age ', rows, outcomes, sampled: [], limit: 50, at},
});

const applied = (state: State, ...actions: readonly Action[]): State => actions.reduce(reduce, state);

/** Returns the texts of the lines of the second state that were made anew. */
function madeAnew(before: State, next: State): readonly string[] {
  const known = new Set(frameLines(before, pen));
  return frameLines(next, pen)
    .filter((line) => !known.has(line))
    .map(textOf);
}

function opened(...actions: readonly Action[]): State {
  const empty = initialState(someAbout, {columns: 200, rows: 50}, start);
  return applied(empty, {type: 'gates', nodes, at: start}, statsAt(start - 2000), statsAt(start), ...actions);
}

describe('a second in which nothing happens', () => {
  test('makes no line of the overview anew', () => {
    const state = opened();
    const next = applied(state, {type: 'tick', now: start + 1000});
    const charts = /messages\/s|connects|round trip|│|EVENTS|Gate@/;
    expect(frameLines(next, pen).map(textOf).join('\n')).toMatch(charts);
    const anew = madeAnew(state, next).filter((text) => !text.includes('ANOMALIES')); // has the age of the check
    expect(anew.filter((text) => charts.test(text))).toEqual([]);
  });

  test('makes only the sessions anew whose age has changed', () => {
    const rows = [row('first', 51 * hour, start), row('old', 50 * hour, start), row('new', 5000, start)];
    const state = opened({type: 'go', screen: {name: 'sessions'}}, listedAt(start, rows));
    const next = applied(state, {type: 'tick', now: start + 1000});
    const anew = madeAnew(state, next).join('\n');
    expect(anew).toMatch(/u-new .*\b6s/);
    expect(anew).not.toMatch(/u-old|AGE/);
  });

  test('makes no session anew that a gate reports as before', () => {
    const rows = (at: number, received: number): readonly LocatedRow[] => [
      row('first', 51 * hour, at),
      row('same', 50 * hour, at),
      row('busy', 49 * hour, at, received),
    ];
    const state = opened({type: 'go', screen: {name: 'sessions'}}, listedAt(start, rows(start, 1)));
    const next = applied(state, listedAt(start + 2000, rows(start + 2100, 2)));
    const anew = madeAnew(state, next).join('\n');
    expect(anew).toMatch(/u-busy/);
    expect(anew).not.toMatch(/u-same|AGE/);
  });
});

test('the ages of a row follow a gate whose clock was set', () => {
  const rows = (at: number) => [row('one', 50 * hour, at)];
  const state = opened({type: 'go', screen: {name: 'sessions'}}, listedAt(start, rows(start)));
  const next = applied(state, listedAt(start + 2000, rows(start + 2 * hour)), {
    ...{type: 'tick', now: start + 3000},
  });
  expect(frameLines(next, pen).map(textOf).join('\n')).toMatch(/u-one .*2d4h/);
});

test('the charts of all gates have the newest answers', () => {
  const state = applied(opened(), statsAt(start + 1500, 40));
  const screen = frameLines(state, pen).map(textOf).join('\n');
  expect(screen).toMatch(/^ sessions +80 /m);
  expect(screen).toMatch(/^ +100 │/m);
});

test('only columns that are marked so depend on the time', () => {
  const shown = opened({type: 'go', screen: {name: 'sessions'}}, listedAt(start, [row('one', 5000, start)]))
    .sessions.rows;
  const columns = sessionColumns(opened());
  const changing = columns.filter(({cell}) =>
    shown.some((one) => cell(one, start) !== cell(one, start + hour)),
  );
  expect(changing.length).toBeGreaterThan(1);
  expect(changing.filter(({isTimed}) => isTimed !== true)).toEqual([]);
});
