import {describe, expect, test} from 'vitest';
import {encodeSession} from '../../../../src/session/codec/session-protobuf.js';
import {stringBag} from '../../../../src/session/session.js';
import {TestDashboard} from '../../../support/dashboard.js';
import {aRow, aSession, FakeGate} from '../../../support/fake-gate.js';

const profile = JSON.stringify({level: 7, items: Array.from({length: 40}, (_, at) => `item number ${at}`)});

function aGate(): FakeGate {
  const settings = stringBag([
    ['profile', profile],
    ['room', 'hall'],
  ]);
  const gate = new FakeGate('Gate@a', [
    aRow({userId: 'ann', sessionId: '5e55000000000ann', settings}, {connectedAt: 1}),
    aRow({userId: '=bob', sessionId: '5e55000000000bob'}, {connectedAt: 5}),
  ]);
  const value = encodeSession(aSession({userId: 'ann', settings: stringBag([['room', 'attic']])}));
  gate.records.set('ann', {uid: 'ann', value, revision: '7', expiresAt: 0});
  return gate;
}

async function onSession(world: Partial<ConstructorParameters<typeof TestDashboard>[0]> = {}) {
  const dashboard = new TestDashboard({gates: [aGate()], size: {columns: 100, rows: 24}, ...world});
  dashboard.press('2');
  await dashboard.shows('ann', '=bob');
  dashboard.press('enter');
  await dashboard.shows('!room');
  return dashboard;
}

describe.each([
  {columns: 60, rows: 15},
  {columns: 80, rows: 24},
  {columns: 200, rows: 50},
])('at $columns x $rows', (size) => {
  test('Enter opens a whole value, which scrolls and can be searched; Esc closes it', async () => {
    await using dashboard = await onSession({size});
    dashboard.press('enter');
    await dashboard.shows('settings.profil', '[JSON]', '"level": 7');
    dashboard.press('G');
    await dashboard.shows('"item number 39"');
    dashboard.press('g', '/');
    dashboard.type('number 30');
    dashboard.press('enter');
    await dashboard.shows('"item number 30"');
    dashboard.press('tab');
    await dashboard.shows('[text]', '{"level":7,"items"');
    dashboard.press('tab', 'tab');
    await dashboard.shows('[hex]', '00000000  7b 22 6c 65');
    dashboard.press('esc');
    await dashboard.shows('SETTING', 'hall');
  });

  test('J shows a whole session with its record as JSON and YAML', async () => {
    await using dashboard = await onSession({size});
    dashboard.press('J');
    await dashboard.shows('session Gate@a/5e55', '"id": "5e55000000000ann"', 'YAML');
    dashboard.press('tab');
    await dashboard.shows('[YAML]', 'id: "5e55000000000ann"');
    dashboard.press('/');
    dashboard.type('revision');
    dashboard.press('enter');
    await dashboard.shows('revision: "7"');
    dashboard.press('n');
    await dashboard.shows('revision: "7"');
    dashboard.press('/', ...'nowhere', 'enter');
    await dashboard.shows('no line contains "nowhere" (case-sensitive)');
  });

  test('the fields above the settings can be selected and opened', async () => {
    await using dashboard = await onSession({size});
    dashboard.press('tab', 'tab', 'down', 'down', 'down');
    await dashboard.shows('>gate');
    dashboard.press('enter');
    await dashboard.shows('gate of Gate@a/5e5', '[text]');
  });

  test('! shows whole messages and failures', async () => {
    const silent = new FakeGate(`Gate@${'b'.repeat(120)}`);
    silent.before = () => {
      throw new Error('x');
    };
    await using dashboard = new TestDashboard({gates: [aGate()], size});
    dashboard.press('n');
    await dashboard.shows('Gate@a', 'live');
    dashboard.press('2');
    await dashboard.shows('ann');
    dashboard.press('n');
    await dashboard.shows('no search yet');
    dashboard.press('!');
    await dashboard.shows('This screen', '2 sessions', 'bus: live', 'n: no search yet');
  });
});

describe('c copies', () => {
  test('to the clipboard where that is supported', async () => {
    await using dashboard = await onSession({about: {clipboard: true}});
    dashboard.press('down', 'c');
    await dashboard.shows('copied: hall');
    dashboard.press('up', 'c');
    await dashboard.shows('copied settings.profile');
    dashboard.press('J', 'c');
    await dashboard.shows('copied session Gate@a/5e55000000000ann');
    dashboard.press('esc', 'esc', 'c');
    await dashboard.shows('copied: Gate@a/5e55000000000ann');
    dashboard.press('a', 'c');
    await dashboard.shows('copied 2 sessions');
    const {copied} = dashboard.terminal;
    expect(copied.slice(0, 2)).toEqual(['hall', profile]);
    expect(JSON.parse(copied[2] ?? '')).toMatchObject({uid: 'ann', record: {revision: '7'}});
    expect(copied.slice(3)).toEqual([
      'Gate@a/5e55000000000ann',
      'Gate@a/5e55000000000ann\nGate@a/5e55000000000bob',
    ]);
  });

  test('to a file elsewhere, and shows its path', async () => {
    await using dashboard = await onSession();
    dashboard.press('down', 'c');
    await dashboard.shows('in /state/copied.txt: settings.room of', '4 characters');
    expect(dashboard.terminal.copied).toEqual([]);
    expect(dashboard.files.get('/state/copied.txt')).toBe('hall');
  });
});

describe('w writes', () => {
  async function writes(dashboard: TestDashboard, name: string): Promise<string> {
    dashboard.press('w', 'ctrl-u');
    dashboard.type(name);
    dashboard.press('enter');
    await dashboard.shows(`written: ${name}`);
    return dashboard.files.get(name) ?? '';
  }

  test('the rows of a table as CSV and JSON, with every column and no formulas', async () => {
    await using dashboard = new TestDashboard({gates: [aGate()]});
    dashboard.press('2');
    await dashboard.shows('ann', '=bob');
    dashboard.press('w');
    await dashboard.shows('write to: sessions-');
    dashboard.press('esc');
    const csv = await writes(dashboard, 'out.csv');
    expect(csv.split('\n')[0]).toBe('"ID",UID,GATE,NETWORK,IP,AGE,IDLE,RECEIVED,SENT,SETTINGS');
    expect(csv).toContain(",'=bob,Gate@a,");
    expect(csv).toContain('1970-01-01T00:00:00.005Z');
    expect(JSON.parse(await writes(dashboard, 'out.json'))).toMatchObject([{uid: 'ann'}, {uid: '=bob'}]);
  });

  test('a document as shown on the screen', async () => {
    await using dashboard = await onSession();
    dashboard.press('enter');
    await dashboard.shows('[JSON]');
    expect(JSON.parse(await writes(dashboard, 'value.json'))).toEqual(JSON.parse(profile));
  });

  test('nothing for a name without a format, or for an existing file', async () => {
    await using dashboard = new TestDashboard({gates: [aGate()]});
    dashboard.press('2');
    await dashboard.shows('ann');
    await writes(dashboard, 'out.csv');
    for (const [name, fault] of [
      ['out.txt', '"out.txt" has an unknown format'],
      ['out.csv', 'cannot write "out.csv": it exists'],
    ] as const) {
      dashboard.press('w', 'ctrl-u');
      dashboard.type(name);
      dashboard.press('enter');
      await dashboard.shows(fault);
      dashboard.press('esc');
    }
  });

  test.each([
    ['1', 'Gate@a', 'GATE,FAILURE,SESSIONS'],
    ['4', 'ann', 'UID'],
  ])('the rows of view %s', async (key, text, header) => {
    await using dashboard = new TestDashboard({gates: [aGate()]});
    dashboard.press(key);
    await dashboard.shows(text, 'live');
    expect(await writes(dashboard, 'rows.csv')).toContain(header);
    expect(JSON.parse(await writes(dashboard, 'rows.json'))).toHaveLength(1);
  });
});
