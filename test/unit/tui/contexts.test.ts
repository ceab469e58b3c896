import {describe, expect, test} from 'vitest';
import {UnreachableError} from '../../../src/base/errors.js';
import {TestDashboard} from '../../support/dashboard.js';
import {dangersIn, evilText} from '../../support/evil.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {until} from '../../support/poll.js';

const gateOf = (id: string, ...uids: readonly string[]): FakeGate =>
  new FakeGate(
    id,
    uids.map((userId) => aRow({userId, sessionId: `5e5500000000${userId}`})),
  );

const world = {
  gates: [gateOf('Gate@old', 'anna', 'otto')],
  about: {context: 'stage'},
  contexts: {
    stage: {gates: [gateOf('Gate@old', 'anna', 'otto')]},
    prod: {
      gates: [gateOf('Gate@new', 'zora')],
      about: {color: 'red', protectedName: 'prod', server: 'nats://10.9.9.9:4222'},
    },
    broken: {
      gates: [],
      open: async () => {
        throw new UnreachableError('cannot reach nats://10.1.1.1:4222');
      },
    },
  },
} as const;

async function switchTo(dashboard: TestDashboard, name: string): Promise<void> {
  dashboard.press(':');
  dashboard.type(`context ${name}`);
  dashboard.press('enter');
}

describe.each([
  {columns: 60, rows: 15},
  {columns: 80, rows: 24},
  {columns: 200, rows: 50},
])(':context at $columns x $rows', (size) => {
  test('switches the cluster, of which nothing remains: rows, marks, filters and questions', async () => {
    await using dashboard = new TestDashboard({...world, size});
    dashboard.press('2');
    await dashboard.shows('anna', 'otto', 'stage');
    dashboard.press('a', '/');
    dashboard.type('ann');
    dashboard.press('enter');
    await dashboard.shows('2 marked', 'search "ann"');
    await switchTo(dashboard, 'prod');
    await dashboard.shows('prod', 'Gate@new');
    const [old] = world.gates;
    dashboard.press('2');
    const screen = await dashboard.shows('zora', '1 session');
    for (const left of ['stage', 'Gate@old', 'anna', 'otto', 'marked', 'search "'])
      expect(screen).not.toContain(left);
    const asked = old.calls.length;
    dashboard.press('ctrl-r');
    await dashboard.shows('zora');
    expect(old.calls).toHaveLength(asked);
    await switchTo(dashboard, 'stage');
    await dashboard.shows('stage', 'Gate@old');
    expect(dashboard.closed).toEqual(['prod']);
    expect(dashboard.terminal.isClosed).toBe(false);
  });

  test('lists the contexts without a name', async () => {
    await using dashboard = new TestDashboard({...world, size});
    await dashboard.shows('Gate@old');
    dashboard.press(':');
    dashboard.type('context');
    dashboard.press('enter');
    await dashboard.shows('> stage', 'prod    nats://10.9.9.9:4222  red, protected');
  });
});

test('the theme that was chosen is kept for the next context, and after one that does not open', async () => {
  await using dashboard = new TestDashboard(world);
  const isColoured = () => dashboard.terminal.drawn().includes('\u001b[36m');
  await dashboard.shows('Gate@old');
  expect(isColoured()).toBe(true);
  dashboard.press(':');
  dashboard.type('theme none');
  dashboard.press('enter');
  await until(() => !isColoured(), {what: 'the theme without colours'});
  await switchTo(dashboard, 'prod');
  await dashboard.shows('Gate@new');
  expect(isColoured()).toBe(false);
  await switchTo(dashboard, 'broken');
  await dashboard.shows('cannot reach nats://10.1.1.1:4222', 'Gate@new');
  expect(isColoured()).toBe(false);
});

test('an unknown context and the open one change nothing', async () => {
  await using dashboard = new TestDashboard(world);
  await dashboard.shows('Gate@old');
  await switchTo(dashboard, 'nope');
  await dashboard.shows('no context "nope"', 'contexts: stage prod broken');
  dashboard.press('esc');
  await switchTo(dashboard, 'stage');
  await dashboard.shows('stage is already open');
});

test('a context that cannot be opened leads back to the one before, and says why', async () => {
  await using dashboard = new TestDashboard(world);
  await dashboard.shows('Gate@old');
  await switchTo(dashboard, 'broken');
  await dashboard.shows('stage', 'broken: cannot reach nats://10.1.1.1:4222');
  await dashboard.shows('Gate@old', 'live');
});

describe.each([
  {columns: 60, rows: 24},
  {columns: 80, rows: 24},
  {columns: 200, rows: 50},
])('--contexts at $columns x $rows', (size) => {
  test('shows the totals of each context and of all, also after a switch', async () => {
    const sides = ['stage', 'prod'];
    await using dashboard = new TestDashboard({...world, size, sides});
    await dashboard.shows('CONTEXTS', 'all contexts');
    const line = (name: string): string =>
      dashboard.terminal
        .text()
        .split('\n')
        .find((text) => text.startsWith(`  ${name} `)) ?? '';
    await until(() => /all contexts .*3/.test(line('all contexts')), {what: 'the totals'});
    expect(line('stage')).toMatch(/stage +(?:1 +)?2 .*live/);
    expect(line('prod')).toMatch(/prod +(?:1 +)?1 .*live/);
    await switchTo(dashboard, 'prod');
    await dashboard.shows('Gate@new', 'all contexts');
  });

  test('names a context that cannot be reached, and that the totals lack it', async () => {
    await using dashboard = new TestDashboard({...world, size, sides: ['stage', 'broken']});
    await dashboard.shows('! cannot reach', '! PARTIAL, without');
  });
});

describe('the frame of a context', () => {
  const header = (dashboard: TestDashboard): string => dashboard.terminal.drawn().split('\n')[0] ?? '';

  test.each([
    [{color: 'blue'}, '\u001b[44m'],
    [{protectedName: 'test'}, '\u001b[41m'],
    [{color: 'green', protectedName: 'test'}, '\u001b[42m'],
    [{color: 'red', theme: 'none'}, '\u001b[7m'],
  ] as const)('%j colours the header', async (about, open) => {
    await using dashboard = new TestDashboard({gates: [gateOf('Gate@a', 'anna')], about});
    await dashboard.shows('Gate@a');
    expect(header(dashboard)).toContain(open);
    if ('protectedName' in about) expect(dashboard.terminal.text()).toContain('PROTECTED');
  });

  test('is absent without a colour', async () => {
    await using dashboard = new TestDashboard({gates: [gateOf('Gate@a', 'anna')]});
    await dashboard.shows('Gate@a');
    for (const color of [41, 42, 43, 44, 45, 46]) expect(header(dashboard)).not.toContain(`\u001b[${color}m`);
  });

  test('A05: evil names of contexts are safe in the list', async () => {
    const contexts = {[`x${evilText}`]: {gates: [], about: {server: evilText}}};
    await using dashboard = new TestDashboard({gates: [gateOf('Gate@a', 'anna')], contexts});
    await dashboard.shows('Gate@a');
    dashboard.press(':');
    dashboard.type('context');
    dashboard.press('enter');
    expect(dangersIn(await dashboard.shows('to switch: :context'))).toEqual([]);
    dashboard.press('esc', ':');
    dashboard.type('context x');
    expect(dangersIn(await dashboard.shows(':context x'))).toEqual([]);
  });
});
