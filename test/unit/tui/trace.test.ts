import {describe, expect, test} from 'vitest';
import type {Cluster, TracedCall, TraceQuery, TraceSummary} from '../../../src/cluster/cluster.js';
import type {Action} from '../../../src/tui/model/action.js';
import {initialState} from '../../../src/tui/model/initial-state.js';
import {reduce} from '../../../src/tui/model/reduce/reduce.js';
import {sortedCalls} from '../../../src/tui/model/tables/traced-calls.js';
import {someAbout, TestDashboard} from '../../support/dashboard.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {until} from '../../support/poll.js';
import {fakeCluster} from '../../support/run-cli.js';

const aCall = (fields: Partial<TracedCall>): TracedCall => ({
  ...{at: 1000, fn: 'Update', node: 'Hall@1', address: 'a', caller: 'hall', hostname: 'h'},
  ...{session: '', uid: '', sessions: 1, outcome: 'ok', error: '', ms: 1.5, callBytes: 10, replyBytes: 20},
  ...fields,
});

const calls = [
  aCall({fn: 'HD_login', uid: 'ann'}),
  aCall({fn: 'HD_shop', outcome: 'error', error: 'no money'}),
  aCall({fn: 'Send', node: 'Gate@a', session: '5e55'}),
];

const summary: TraceSummary = {
  ...{from: 1000, to: 2000, selected: 3, otherCalls: 0},
  counts: {
    ...{messages: 6, bytes: 90, calls: 3, answered: 3, errors: 1, noReply: 0, unanswered: 0, missed: 0},
    ...{overflowed: 0, open: 0, strayReplies: 0, foreign: 0, gaps: 0, notShown: 0, notSaved: 0},
  },
  functions: calls.map(({fn}) => ({
    ...{type: 'Hall', fn, calls: 1, errors: 0, unanswered: 0, callBytes: 1, replyBytes: 1},
    ...{p50: 1, p95: 1, p99: 1, max: 1},
  })),
};

const text = `${'long '.repeat(300)}end of the text`;

/** A cluster whose trace reports the calls above, and the queries it received. */
function tracedCluster(): {readonly cluster: Cluster; readonly queries: TraceQuery[]} {
  const session = aRow({sessionId: '5e55', userId: 'ann', serverId: 'Gate@a'}, {});
  const cluster = fakeCluster([new FakeGate('Gate@a', [session])]);
  const queries: TraceQuery[] = [];
  cluster.trace = async function* (query) {
    queries.push(query);
    yield {type: 'notice', at: 999, message: 'listening on everything'};
    for (const call of calls) {
      const body = query.bodies === true ? {body: {args: [{text}], result: {gold: 7}}} : {};
      yield {type: 'call', call: {...call, ...body}};
    }
    yield {type: 'summary', summary, final: false};
    await new Promise((resolve) => query.signal.addEventListener('abort', resolve));
  };
  return {cluster, queries};
}

describe('the document of a call', () => {
  test('has arguments and reply in full once they are captured, and says how before', async () => {
    const {cluster, queries} = tracedCluster();
    await using dashboard = new TestDashboard({gates: [], cluster, size: {columns: 120, rows: 50}});
    dashboard.press('6');
    await dashboard.shows('HD_shop', 'arguments');
    dashboard.press('g', 'j', 'enter');
    await dashboard.shows('call HD_login', 'not captured: B on the trace captures arguments and replies');
    dashboard.press('esc', 'B');
    await dashboard.shows('with arguments', '({"text":"long');
    expect(queries.at(-1)?.bodies).toBe(true);
    dashboard.press('G', 'enter');
    await dashboard.shows('call Send', 'end of the text', '"gold": 7');
    dashboard.press('esc', 'B');
    await dashboard.hides('with arguments');
  });

  test('opens with Enter for a notice and for a function too; L opens the session', async () => {
    const {cluster} = tracedCluster();
    await using dashboard = new TestDashboard({gates: [], cluster});
    await dashboard.shows('Gate@a');
    dashboard.press('6');
    await dashboard.shows('HD_shop', 'NOTICE');
    dashboard.press('g', 'enter');
    await dashboard.shows('"message": "listening on everything"');
    dashboard.press('esc', 'L');
    await dashboard.shows('L: the call names no session of a gate');
    dashboard.press('G', 'L');
    await dashboard.shows('uid      ann', 'Gate@a');
    dashboard.press('esc', 't', 'enter');
    await dashboard.shows('"fn": "HD_login"');
  });
});

describe('the trace', () => {
  test('continues while a document or a session is open, and during a search', async () => {
    const {cluster, queries} = tracedCluster();
    await using dashboard = new TestDashboard({gates: [], cluster});
    await dashboard.shows('Gate@a');
    dashboard.press('6');
    await dashboard.shows('HD_shop');
    dashboard.press('J');
    await dashboard.shows('[JSON]');
    dashboard.press('esc', 'G', 'L');
    await dashboard.shows('uid      ann');
    dashboard.press('esc', '/');
    dashboard.type('money');
    dashboard.press('enter', 'esc');
    await dashboard.shows('HD_login');
    expect(queries.length).toBe(1);
    expect(queries[0]?.signal.aborted).toBe(false);
    dashboard.press('1');
    await until(() => queries[0]?.signal.aborted === true, {what: 'the end of the trace'});
  });

  test.each([
    ['function', 'HD_sh', ['HD_shop']],
    ['node', 'Gate@a', ['Send']],
    ['text', 'no money', ['HD_shop']],
    ['uid', 'ann', ['HD_login']],
  ])('searches by %s and hides other rows', async (_, words, found) => {
    const {cluster} = tracedCluster();
    await using dashboard = new TestDashboard({gates: [], cluster, size: {columns: 160, rows: 24}});
    dashboard.press('6');
    await dashboard.shows('HD_login', 'HD_shop', 'Send');
    dashboard.press('/');
    dashboard.type(words);
    dashboard.press('enter');
    const screen = await dashboard.shows('1 shown');
    expect(screen.match(/HD_login|HD_shop|Send/g)).toEqual(found);
  });
});

describe('the state of the trace', () => {
  const stateAfter = (actions: readonly Action[]) =>
    actions.reduce(reduce, initialState(someAbout, {columns: 80, rows: 24}, 0));
  const traced = (call: TracedCall): Action => ({type: 'traced', events: [{type: 'call', call}]});

  test('drops the calls of another selector, and keeps those that a search hides', () => {
    const selector = {text: 'guest', matches: () => true, names: undefined} as never;
    const received = stateAfter([{type: 'go', screen: {name: 'trace'}}, traced(aCall({fn: 'one'}))]);
    const search = {text: 'x', selector, search: 'x'};
    const searched = reduce(received, {type: 'filter', name: 'trace', filter: search});
    expect(sortedCalls(searched)).toEqual([]);
    expect(searched.trace.received.length).toBe(1);
    const selected = reduce(received, {type: 'filter', name: 'trace', filter: {text: 'guest', selector}});
    expect(selected.trace.received).toEqual([]);
  });

  test('keeps the bodies of the newest calls, up to 16 MiB', () => {
    const large = aCall({callBytes: 6 * 1024 * 1024, replyBytes: 0, body: {args: ['x']}});
    const {trace} = stateAfter([traced(large), traced(large), traced(large)]);
    const hasBody = trace.received.map(
      ({traceEvent}) => traceEvent.type === 'call' && traceEvent.call.body !== undefined,
    );
    expect(hasBody).toEqual([false, true, true]);
  });
});
