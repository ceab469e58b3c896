import {expect, test} from 'vitest';
import type {GateStatistics} from '../../../../src/cluster/cluster.js';
import type {Action} from '../../../../src/tui/model/action.js';
import {initialState} from '../../../../src/tui/model/initial-state.js';
import {reduce} from '../../../../src/tui/model/reduce/reduce.js';
import type {State} from '../../../../src/tui/model/state.js';
import {someAbout} from '../../../support/dashboard.js';
import {aNode} from '../../../support/fake-registry.js';

const start = 1_800_000_000_000;
const fresh = (): State => initialState(someAbout, {columns: 80, rows: 24}, start);
const applied = (...actions: readonly Action[]): State => actions.reduce(reduce, fresh());
const said = ({notable}: State): readonly string[] =>
  notable.map(({subject, tone, text}) => `${tone} ${subject} ${text}`);

const gates = (at: number, ...ids: readonly string[]): Action => ({
  type: 'gates',
  nodes: ids.map((id) => aNode(id)),
  at,
});

function stats(at: number, fields: Partial<GateStatistics> = {}): Action {
  const one: GateStatistics = {
    ...{sessions: 100, bound: 0, connects: 0, disconnects: 0, received: 0, sent: 0, dirty: 0},
    ...{startedAt: 1, now: at, ...fields},
  };
  const outcome = {node: 'Gate@a', status: 'ok', ms: 1, count: 0} as const;
  return {type: 'stats', results: new Map([['Gate@a', one]]), outcomes: [outcome], at};
}

const silence = (at: number): Action => ({
  type: 'stats',
  results: new Map(),
  outcomes: [{node: 'Gate@a', status: 'failed', reason: 'timeout', message: 'no reply', ms: 1, count: 0}],
  at,
});

test('a gate that joins, leaves or returns is an event; the first gates are not', () => {
  const state = applied(
    gates(start, 'Gate@a'),
    gates(start + 1, 'Gate@a', 'Gate@b'),
    gates(start + 2, 'Gate@a'),
    gates(start + 3, 'Gate@a', 'Gate@b'),
  );
  expect(said(state)).toEqual([
    'good Gate@b joined the cluster',
    'bad Gate@b left the registry',
    'good Gate@b is back in the registry',
  ]);
});

test('silence is one event, with its duration', () => {
  const state = applied(gates(start, 'Gate@a'), stats(start), silence(start + 2000), silence(start + 4000));
  expect(said(state)).toEqual(['bad Gate@a does not answer: no reply']);
  expect(said(reduce(state, stats(start + 12_000))).at(-1)).toBe('good Gate@a answers again after 10s');
});

test('a stock gate, whose start time is unknown, never counts as restarted', () => {
  const unknown = {startedAt: Number.NaN, connects: Number.NaN, disconnects: Number.NaN, dirty: Number.NaN};
  expect(said(applied(gates(start, 'Gate@a'), stats(start, unknown), stats(start + 2000, unknown)))).toEqual(
    [],
  );
});

test('a lost bus is an event, with the time until it was back', () => {
  const state = applied(
    gates(start, 'Gate@a'),
    {type: 'link', state: 'lost', at: start},
    {type: 'link', state: 'back', at: start + 5000},
  );
  expect(said(state)).toEqual([
    'bad bus connection lost',
    'good bus connected again after 5s',
    'warn Gate@a events missed: bus connection was lost',
  ]);
});

test('many connections lost at once are an event, a few are not, and a restart is named as such', () => {
  const few = applied(gates(start, 'Gate@a'), stats(start), stats(start + 2000, {disconnects: 15}));
  expect(said(few)).toEqual([]);
  const many = reduce(few, stats(start + 4000, {disconnects: 60}));
  expect(said(many)).toEqual(['bad Gate@a lost 45 connections in 2s']);
  expect(said(reduce(many, stats(start + 6000, {startedAt: 2}))).at(-1)).toBe('warn Gate@a was restarted');
});

test('storage that stays behind is an event, a single poll is not', () => {
  const moment = applied(
    gates(start, 'Gate@a'),
    stats(start, {dirty: 3}),
    stats(start + 1),
    stats(start + 2, {dirty: 2}),
  );
  expect(said(moment)).toEqual([]);
  const behind = [3, 4].reduce((state, at) => reduce(state, stats(start + at, {dirty: 2})), moment);
  expect(said(behind)).toEqual(['warn Gate@a 2 sessions not stored yet']);
  expect(said(reduce(behind, stats(start + 5))).at(-1)).toBe('good Gate@a storage has caught up');
});

test('a bounded number of events is kept', () => {
  let state = applied(gates(start, 'Gate@a'));
  for (let at = 0; at < 500; at += 1)
    state = reduce(state, gates(start + at, ...(at % 2 === 0 ? ['Gate@a', 'Gate@b'] : ['Gate@a'])));
  expect(state.notable).toHaveLength(200);
});
