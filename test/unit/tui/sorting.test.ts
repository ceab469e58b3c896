import {describe, expect, test} from 'vitest';
import type {TraceSummary} from '../../../src/cluster/cluster.js';
import {parseSavedViews} from '../../../src/tui/control/restore-views.js';
import {type ColumnSortKeys, sortTableRows} from '../../../src/tui/model/tables/sort-table-rows.js';
import {TestDashboard} from '../../support/dashboard.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {until} from '../../support/poll.js';
import {fakeCluster} from '../../support/run-cli.js';

interface Row {
  readonly name: string;
  readonly size: string;
}

const rows: readonly Row[] = [
  {name: 'b10', size: '9'},
  {name: 'b2', size: '-'},
  {name: 'a', size: '1 200'},
  {name: 'c', size: '9'},
];
const columns: ColumnSortKeys<Row> = {NAME: ({name}) => name, SIZE: ({size}) => size};
const order = (column: string, isReversed = false): readonly string[] =>
  sortTableRows(rows, {column, isReversed}, columns).map(({name}) => name);

test.each([
  ['NAME', false, ['a', 'b2', 'b10', 'c']],
  ['NAME', true, ['c', 'b10', 'b2', 'a']],
  ['SIZE', false, ['a', 'b10', 'c', 'b2']],
  ['SIZE', true, ['b10', 'c', 'a', 'b2']],
  ['nothing', false, ['b10', 'b2', 'a', 'c']],
  ['constructor', false, ['b10', 'b2', 'a', 'c']],
] as const)(
  'by %s, reversed %s: unknown values are last, equal ones keep their places',
  (column, isReversed, names) => {
    expect(order(column, isReversed)).toEqual(names);
  },
);

const session = (uid: string, node: string) => aRow({sessionId: `5e55${uid}`, userId: uid, serverId: node});

function gates(): readonly FakeGate[] {
  const [few, many] = [new FakeGate('Gate@a', [session('ann', 'Gate@a')]), new FakeGate('Gate@b')];
  for (const uid of ['bob', 'cid', 'dan']) many.rows.set(`5e55${uid}`, session(uid, 'Gate@b'));
  return [few, many];
}

const journal = ['kick', 'bind', 'send'].map((command, at) => ({
  ...{
    id: command,
    at: 1000 - at,
    command,
    target: `t${at}`,
    outcome: 'done',
    actor: 'me',
    reason: '',
    uids: [],
  },
  entry: {},
}));

/** Lines of the screen that have one of the words, each by its word. */
const found = (screen: string, words: RegExp): readonly string[] =>
  screen.split('\n').flatMap((line) => words.exec(line)?.[0] ?? []);

describe('every table sorts', () => {
  test('by the keys > and r', async () => {
    await using dashboard = new TestDashboard({gates: gates(), journal});
    dashboard.press('5');
    expect(found(await dashboard.shows('kick', 'send'), /kick|bind|send/)).toEqual(['kick', 'bind', 'send']);
    dashboard.press('>', '>');
    expect(found(await dashboard.shows('COMMAND v'), /kick|bind|send/)).toEqual(['bind', 'kick', 'send']);
    dashboard.press('r');
    expect(found(await dashboard.shows('COMMAND ^'), /kick|bind|send/)).toEqual(['send', 'kick', 'bind']);
    dashboard.press('o');
    dashboard.type('target');
    dashboard.press('enter');
    expect(found(await dashboard.shows('TARGET v'), /kick|bind|send/)).toEqual(['kick', 'bind', 'send']);
    dashboard.press('enter');
    await dashboard.shows('[5 Journal › entry]');
  });

  test('by clicks on a header: the second reverses the order, the third restores the default', async () => {
    await using dashboard = new TestDashboard({gates: gates()});
    const screen = await dashboard.shows('Gate@b', 'live');
    const [header = ''] = screen.split('\n').filter((line) => line.includes('SESSIONS '));
    const row = screen.split('\n').indexOf(header);
    const click = () =>
      dashboard.terminal.input({type: 'click', column: header.indexOf('SESSIONS') + 2, row});
    const named = (text: string) => found(text, /^. Gate@[ab] +live/).map((line) => line.trim().slice(0, 6));
    click();
    expect(named(await dashboard.shows('SESSIONS v'))).toEqual(['Gate@b', 'Gate@a']);
    dashboard.press('j');
    await dashboard.shows('> Gate@b');
    click();
    expect(named(await dashboard.shows('SESSIONS ^'))).toEqual(['Gate@a', 'Gate@b']);
    click();
    await dashboard.hides('SESSIONS ^');
  });

  test('a click sorts the sessions on the gates', async () => {
    await using dashboard = new TestDashboard({gates: gates()});
    dashboard.press('2');
    const screen = await dashboard.shows('dan', 'UID');
    const row = screen.split('\n').findIndex((line) => line.includes('UID'));
    dashboard.terminal.input({type: 'click', column: (screen.split('\n')[row] ?? '').indexOf('UID'), row});
    await dashboard.shows('UID v', 'by uid', '4 sessions');
  });

  test('an unknown column is named in the error', async () => {
    await using dashboard = new TestDashboard({gates: gates(), journal});
    dashboard.press('5');
    await dashboard.shows('kick');
    dashboard.press('o');
    dashboard.type('nope');
    await dashboard.shows('unknown column "nope"', 'target');
  });
});

test('order and columns are saved for the next run', async () => {
  const state = new Map<string, unknown>();
  {
    await using dashboard = new TestDashboard({gates: gates(), state});
    dashboard.press('2');
    await dashboard.shows('dan');
    dashboard.press('C');
    dashboard.type('uid,gate');
    dashboard.press('enter', '4', '>');
    await dashboard.shows('UID v');
    await until(() => JSON.stringify(state.get('views') ?? '').includes('UID'), {
      what: 'the views to be kept',
    });
  }
  await using dashboard = new TestDashboard({gates: gates(), state});
  dashboard.press('4');
  await dashboard.shows('UID v');
  dashboard.press('2');
  const screen = await dashboard.shows('UID  GATE', 'dan');
  expect(screen).not.toContain('NETWORK');
});

test.each([
  [undefined],
  [null],
  ['text'],
  [[]],
  [{order: 7, columns: 'uid', sorts: []}],
  [
    {
      order: 'nope',
      columns: ['nope'],
      sorts: {journal: {column: 1}, nope: {column: 'A', isReversed: true}},
    },
  ],
  [
    {
      columns: Array.from({length: 1000}, () => 'uid'),
      sorts: {journal: {column: 'x'.repeat(101), isReversed: true}},
    },
  ],
])('invalid entries of a file are ignored: %j', (value) => {
  expect(parseSavedViews(value)).toEqual({order: undefined, columns: undefined, sorts: {}});
});

describe('a column that the table does not have', () => {
  test('is left for another one when the view of the trace has changed', async () => {
    const cluster = fakeCluster([new FakeGate('Gate@a')]);
    const summary = {
      ...{
        from: 0,
        to: 1000,
        selected: 1,
        otherCalls: 0,
        counts: {missed: 0, overflowed: 0, notShown: 0, gaps: 0},
      },
      functions: [
        {
          ...{type: 'Hall', fn: 'HD_login', calls: 1, errors: 0, unanswered: 0, callBytes: 1, replyBytes: 1},
          ...{p50: 1, p95: 1, p99: 1, max: 1},
        },
      ],
    } as unknown as TraceSummary;
    cluster.trace = async function* ({signal}) {
      yield {type: 'summary', summary, final: false};
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    };
    await using dashboard = new TestDashboard({gates: [], cluster});
    dashboard.press('6', 'o');
    dashboard.type('outcome');
    dashboard.press('enter', 't');
    await dashboard.shows('HD_login');
    dashboard.press('r');
    await dashboard.shows('FN ^');
  });

  test('is not sorted by when its header is clicked', async () => {
    const contexts = {other: {gates: gates()}};
    await using dashboard = new TestDashboard({gates: gates(), contexts, sides: ['other']});
    const screen = await dashboard.shows('CONTEXT ', 'NOT STORED', 'live');
    const row = screen.split('\n').findIndex((line) => line.includes('NOT STORED'));
    dashboard.terminal.input({type: 'click', column: screen.split('\n')[row]?.indexOf('NOT') ?? 0, row});
    expect(dashboard.terminal.text()).not.toContain('unknown column');
    dashboard.press('2');
    await dashboard.shows('[2 Sessions]');
  });
});
