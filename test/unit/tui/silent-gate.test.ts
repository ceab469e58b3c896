import {setTimeout as sleep} from 'node:timers/promises';
import {describe, expect, test} from 'vitest';
import {CallError} from '../../../src/base/errors.js';
import {GatePoller} from '../../../src/tui/feed/gate-poller.js';
import type {PollTick} from '../../../src/tui/feed/poll-tick.js';
import type {Action} from '../../../src/tui/model/action.js';
import {clusterTotals, incompletelyListedGates} from '../../../src/tui/model/derived-state.js';
import {initialState} from '../../../src/tui/model/initial-state.js';
import {reduce} from '../../../src/tui/model/reduce/reduce.js';
import type {State} from '../../../src/tui/model/state.js';
import {createStore} from '../../../src/tui/model/store.js';
import {someAbout, TestDashboard} from '../../support/dashboard.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {aNode} from '../../support/fake-registry.js';
import {until} from '../../support/poll.js';
import {fakeCluster} from '../../support/run-cli.js';

const never = (): Promise<void> => new Promise(() => {});

const person = (uid: string, node: string, connectedAt = 1000) =>
  aRow({sessionId: `5e55000000000${uid}`, userId: uid, serverId: node}, {connectedAt});

function twoGates(): readonly [FakeGate, FakeGate] {
  return [
    new FakeGate('Gate@a', [person('ann', 'Gate@a')]),
    new FakeGate('Gate@b', [person('bob', 'Gate@b'), person('cid', 'Gate@b')]),
  ];
}

describe('B6: a silent gate', () => {
  test('delays no other gate', async () => {
    const start = initialState(someAbout, {columns: 80, rows: 24}, 0);
    const nodes = [aNode('Gate@a'), aNode('Gate@b')];
    const store = createStore(reduce(start, {type: 'gates', nodes, at: 0}), reduce);
    const stop = new AbortController();
    const deps = {now: Date.now, signal: stop.signal, cluster: fakeCluster([]), about: someAbout} as never;
    const beat: PollTick = {wait: (ms) => sleep(ms)};
    const asked = {'Gate@a': 0, 'Gate@b': 0};
    const news: (readonly string[])[] = [];
    const asker = new GatePoller<string>(
      ({gates}) => ({
        key: 'x',
        gates: [...gates.keys()],
        intervalMs: 1,
        maxIntervalMs: 5,
        fetch: async (gate) => {
          asked[gate as 'Gate@a' | 'Gate@b'] += 1;
          if (gate === 'Gate@b') await never();
          return gate;
        },
        toActions: (fresh) => {
          news.push([...fresh.keys()]);
          return [];
        },
      }),
      store,
      deps,
      () => undefined,
      beat,
    );
    asker.update();
    await until(() => asked['Gate@a'] > 20 && news.length > 2);
    expect(asked['Gate@b']).toBe(1);
    expect(new Set(news.flat())).toEqual(new Set(['Gate@a']));
    store.dispatch({
      type: 'gates',
      nodes: [aNode('Gate@a'), aNode('Gate@b'), aNode('Gate@c')],
      at: 1,
    } as Action);
    asker.update();
    await until(() => news.flat().includes('Gate@c'));
    asker.stop();
  });

  test('hides no session of other gates, however long the timeout', async () => {
    const [gate, other] = twoGates();
    await using dashboard = new TestDashboard({gates: [gate, other]});
    dashboard.press('2');
    await dashboard.shows('ann', 'cid');
    other.before = never;
    gate.add(person('eve', 'Gate@a', 2000));
    await dashboard.shows('eve', 'cid');
    gate.rows.delete('5e55000000000ann');
    await dashboard.hides('ann');
    await dashboard.shows('eve', 'cid');
  });

  test('is named as awaited if it never answered', async () => {
    const [gate, other] = twoGates();
    other.before = never;
    gate.rows.clear();
    await using dashboard = new TestDashboard({gates: [gate, other]});
    dashboard.press('2');
    await dashboard.shows('no session so far; waiting for Gate@b', 'waiting for 1 of 2 gates');
  });

  test('keeps its last numbers, and totals count the stale gates', async () => {
    const [gate, other] = twoGates();
    await using dashboard = new TestDashboard({gates: [gate, other]});
    await dashboard.shows('live, 2 gates  3 sessions');
    other.before = (fn) => {
      throw new CallError({reason: 'timeout', node: 'Gate@b', fn}, 'Gate@b did not answer');
    };
    const screen = await dashboard.shows('3 sessions (2 last known)', 'all gates, 1 last known', 'silent');
    expect(screen).toMatch(/Gate@b +silent +2 /);
    expect(screen).toMatch(/Gate@a +live +1 /);
  });

  test('keeps its rows until it answers again', () => {
    const row = (uid: string, node: string) => ({...person(uid, node), node, observedAt: 0});
    const answer = (node: string, uids: readonly string[], status: 'ok' | 'failed' = 'ok'): Action => ({
      type: 'sessions',
      question: 'age ',
      rows: uids.map((uid) => row(uid, node)),
      outcomes: [{node, status, ms: 1, count: uids.length}],
      sampled: [],
      limit: 50,
      at: 1,
    });
    const nodes = ['Gate@a', 'Gate@b', 'Gate@c'].map((id) => aNode(id));
    const steps: readonly Action[] = [
      {type: 'gates', nodes, at: 0},
      answer('Gate@a', ['ann', 'bea']),
      answer('Gate@b', ['cid']),
      answer('Gate@b', [], 'failed'),
      answer('Gate@a', ['ann']),
    ];
    const state = steps.reduce<State>(reduce, initialState(someAbout, {columns: 80, rows: 24}, 0));
    const shown = state.sessions.rows.map(({row: {session}, vanished}) => [session.userId, vanished?.why]);
    expect(shown.sort()).toEqual([
      ['ann', undefined],
      ['bea', 'no longer listed'],
      ['cid', undefined],
    ]);
    expect(incompletelyListedGates(state)).toEqual({
      failed: ['Gate@b'],
      unable: [],
      waiting: ['Gate@c'],
      sampled: [],
    });
    expect(clusterTotals(state).isCounted).toBe(false);
  });
});
