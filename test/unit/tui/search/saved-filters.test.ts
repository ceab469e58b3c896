import {describe, expect, test} from 'vitest';
import {
  noSavedFilters,
  parseSavedFilters,
  withPromptHistory,
} from '../../../../src/tui/search/screen-filter.js';
import {TestDashboard} from '../../../support/dashboard.js';
import {aRow, FakeGate} from '../../../support/fake-gate.js';

const aGate = (): FakeGate =>
  new FakeGate(
    'Gate@a',
    ['ann', 'bob', 'anton', 'cid'].map((userId, at) =>
      aRow({userId, sessionId: `5e5500000000000${at}`}, {connectedAt: 1000 + at}),
    ),
  );

async function filtered(dashboard: TestDashboard, ...lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    dashboard.press('/', 'ctrl-u');
    dashboard.type(line);
    dashboard.press('enter');
    await dashboard.shows(`search "${line}"`, 'MATCH');
  }
}

const cursorLine = (screen: string): string => screen.split('\n').find((line) => line.startsWith('>')) ?? '';

describe('the history of a prompt', () => {
  test('Up recalls earlier lines and Down returns to the edited line, also in the next run', async () => {
    const state = new Map<string, unknown>();
    {
      await using dashboard = new TestDashboard({gates: [aGate()], state});
      dashboard.press('2');
      await dashboard.shows('ann', 'cid');
      await filtered(dashboard, 'ann', 'bob');
    }
    await using dashboard = new TestDashboard({gates: [aGate()], state});
    dashboard.press('2');
    await dashboard.shows('ann', 'cid');
    dashboard.press('/', 'up');
    await dashboard.shows(' /bob');
    dashboard.press('up');
    await dashboard.shows(' /ann');
    dashboard.press('up', 'down', 'down', 'down');
    await dashboard.shows('cid', 'Tab:  uid  id');
  });

  test('keeps 50 lines, each once', () => {
    let kept = noSavedFilters;
    for (let at = 0; at < 60; at += 1) kept = withPromptHistory(kept, 'sessions', `u${at}`);
    kept = withPromptHistory(withPromptHistory(kept, 'sessions', 'u30'), 'sessions', '  ');
    expect(kept.history['sessions']).toHaveLength(50);
    expect(kept.history['sessions']?.slice(0, 3)).toEqual(['u30', 'u59', 'u58']);
  });
});

describe('saved filters', () => {
  test('are saved, applied on their screen, and deleted by name', async () => {
    const state = new Map<string, unknown>();
    {
      await using dashboard = new TestDashboard({gates: [aGate()], state});
      dashboard.press('2');
      await dashboard.shows('ann', 'cid');
      dashboard.press(':');
      dashboard.type('save vip');
      dashboard.press('enter');
      await dashboard.shows('there is no filter to save');
      dashboard.press('esc');
      await filtered(dashboard, 'ann');
      dashboard.press(':');
      dashboard.type('save vip');
      dashboard.press('enter');
      await dashboard.shows('saved; to apply it: :filter vip');
    }
    expect(state.get('filters')).toMatchObject({saved: {vip: {screen: 'sessions', text: 'ann'}}});
    await using dashboard = new TestDashboard({gates: [aGate()], state});
    await dashboard.shows('Overview', 'Gate@a');
    dashboard.press(':');
    dashboard.type('filter v');
    dashboard.press('tab', 'enter');
    await dashboard.shows('search "ann"', '1 session');
    dashboard.press(':');
    dashboard.type('forget vip');
    dashboard.press('enter');
    await dashboard.shows('forgot the filter vip');
    dashboard.press(':');
    dashboard.type('filter vip');
    dashboard.press('enter');
    await dashboard.shows('no saved filter "vip"', ':save <name>');
  });

  test('ignore invalid entries of the file', () => {
    expect(
      parseSavedFilters({
        saved: {good: {screen: 'events', text: 'x'}, bad: {screen: 'nowhere', text: 'x'}, worse: 7},
        history: {sessions: ['a', 1, null], events: 'x'},
      }),
    ).toEqual({saved: {good: {screen: 'events', text: 'x'}}, history: {sessions: ['a'], events: []}});
    for (const broken of [undefined, null, 7, 'x', []])
      expect(parseSavedFilters(broken)).toEqual(noSavedFilters);
  });
});

test('n and N move to the rows that match the last search, and wrap around', async () => {
  await using dashboard = new TestDashboard({gates: [aGate()]});
  dashboard.press('2');
  await dashboard.shows('ann', 'cid');
  dashboard.press('n');
  await dashboard.shows('n: no search yet: type one with /');
  await filtered(dashboard, 'an');
  dashboard.press('esc');
  await dashboard.shows('4 sessions');
  const seen: string[] = [];
  for (const key of ['n', 'n', 'n', 'N']) {
    dashboard.press(key);
    seen.push(cursorLine(dashboard.terminal.text()));
  }
  expect(seen.map((line) => /ann|anton/.exec(line)?.[0])).toEqual(['anton', 'ann', 'anton', 'ann']);
});
