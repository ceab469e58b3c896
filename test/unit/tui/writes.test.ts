import {describe, expect, test} from 'vitest';
import {stringBag} from '../../../src/session/session.js';
import {parseMessageHistory, withSentMessage} from '../../../src/tui/actions/messages/message-history.js';
import {withDashboardWrite} from '../../../src/tui/model/tables/dashboard-writes.js';
import {TestDashboard} from '../../support/dashboard.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {until} from '../../support/poll.js';

const session = (id: string, uid: string, settings: Record<string, string> = {}) =>
  aRow({sessionId: id, userId: uid, serverId: 'Gate@a', settings: stringBag(Object.entries(settings))});

const aGate = () =>
  new FakeGate('Gate@a', [
    session('a001', 'ann', {room: 'lobby'}),
    session('a002', 'bob'),
    session('a003', 'cid'),
  ]);

/** Calls of a gate that write. */
const writesTo = ({calls}: FakeGate): readonly string[] =>
  calls.filter((call) => ['Send', 'Close'].includes(call));

async function onSessions(dashboard: TestDashboard): Promise<void> {
  dashboard.press('2');
  await dashboard.shows('ann', '3 sessions');
}

/** Opens the longer form of a kick and fills it. */
async function kickWith(dashboard: TestDashboard, seconds: string): Promise<void> {
  dashboard.press('K');
  await dashboard.shows('y yes', 'Tab: reason, message first');
  dashboard.press('tab');
  dashboard.type('spam');
  dashboard.press('tab');
  dashboard.type('/notice');
  dashboard.press('tab');
  dashboard.type('bye');
  dashboard.press('tab');
  dashboard.type(seconds);
  await dashboard.shows(`first sends 3 bytes to "/notice" of 1 client, then waits ${seconds} s`);
  dashboard.press('enter');
  await dashboard.shows('y yes');
  dashboard.press('y');
}

describe('a kick', () => {
  test('can send a message first, and has a reason', async () => {
    const gate = aGate();
    await using dashboard = new TestDashboard({gates: [gate]});
    await onSessions(dashboard);
    await kickWith(dashboard, '0');
    await dashboard.shows('closed, session removed', 'message: 3 bytes written');
    expect(writesTo(gate)).toEqual(['Send', 'Close']);
    expect(dashboard.written.map(({path, reason}) => [path, reason])).toEqual([
      [expect.stringContaining('send'), 'spam'],
      ['sessions kick', 'spam'],
    ]);
  });

  test('can be stopped between the message and the kick', async () => {
    const gate = aGate();
    await using dashboard = new TestDashboard({gates: [gate]});
    await onSessions(dashboard);
    await kickWith(dashboard, '600');
    await dashboard.shows('message sent; kicks in');
    dashboard.press('esc');
    await dashboard.shows('stopped before the kick; the message was sent');
    expect(writesTo(gate)).toEqual(['Send']);
  });

  test('names what is wrong with the message', async () => {
    await using dashboard = new TestDashboard({gates: [aGate()]});
    await onSessions(dashboard);
    dashboard.press('K', 'tab', 'tab', 'tab');
    dashboard.type('bye');
    dashboard.press('tab', 'enter');
    await dashboard.shows('the message needs a topic');
    dashboard.press('up', 'up');
    dashboard.type('/notice');
    dashboard.press('tab', 'tab');
    dashboard.type('9999');
    dashboard.press('enter');
    await dashboard.shows('invalid time "9999"');
  });
});

describe('writes in the background', () => {
  test('two run at once, both are watched, and each can be stopped', async () => {
    const gate = aGate();
    await using dashboard = new TestDashboard({gates: [gate]});
    await onSessions(dashboard);
    await kickWith(dashboard, '600');
    await dashboard.shows('b continues in the background');
    dashboard.press('b');
    await dashboard.shows('1 write running', 'continues in the background: 9 shows it');
    dashboard.press('j');
    await kickWith(dashboard, '500');
    await dashboard.shows('b continues in the background');
    dashboard.press('b', '9');
    await dashboard.shows('2 writes running, 0 ended', 'a001 of uid ann', 'a002 of uid bob', 'kicks in');
    dashboard.press('q');
    await dashboard.shows('2 running writes stops when you quit');
    dashboard.press('S');
    const [first = ''] = (await dashboard.shows('failed'))
      .split('\n')
      .filter((line) => line.includes('failed'));
    expect(first).toContain('a002');
    dashboard.press('S');
    await dashboard.shows('S: the write has ended');
    dashboard.press('j', 'S');
    await until(() => dashboard.terminal.text().match(/failed/g)?.length === 2, {what: 'both to be stopped'});
    expect(writesTo(gate)).toEqual(['Send', 'Send']);
  });

  test('one that ends says so on any screen', async () => {
    const gate = aGate();
    await using dashboard = new TestDashboard({gates: [gate]});
    await onSessions(dashboard);
    await kickWith(dashboard, '1');
    await dashboard.shows('b continues in the background');
    dashboard.press('b', '1');
    await dashboard.shows('closed, session removed (kick ann; 9 shows it)');
  });

  test('only the last ended ones are remembered, and every running one', () => {
    const write = (number: number, isRunning: boolean) => ({
      ...{number, title: '', command: '', startedAt: 0, progress: undefined},
      result: isRunning ? undefined : ({tone: 'good', lines: []} as const),
    });
    let writes = withDashboardWrite([], write(0, true));
    for (let number = 1; number <= 200; number += 1)
      writes = withDashboardWrite(writes, write(number, false));
    expect(writes.length).toBeLessThanOrEqual(52);
    expect(writes[0]?.number).toBe(0);
  });
});

describe('z undoes the last settings change', () => {
  test('after its preview was confirmed', async () => {
    const gate = aGate();
    await using dashboard = new TestDashboard({gates: [gate]});
    await onSessions(dashboard);
    dashboard.press('z');
    await dashboard.shows('z: no settings were changed here');
    dashboard.press('enter', 'e');
    dashboard.type('arena');
    dashboard.press('enter');
    await dashboard.shows('settings.room: lobby -> arena (z undoes; set ann)');
    dashboard.press('z');
    await dashboard.shows(
      'settings.room: arena -> lobby',
      'restore these settings?',
      'settings undo Gate@a/a001',
    );
    dashboard.press('y');
    await until(() => gate.rows.get('a001')?.session.settings['room'] === 'lobby', {what: 'the old value'});
    await dashboard.shows('settings.room: arena -> lobby (undo ann)');
    expect(dashboard.written.at(-1)?.path).toBe('settings undo');
    dashboard.press('z');
    await dashboard.shows('z: no settings were changed here');
  });

  test('but not over a newer change', async () => {
    const gate = aGate();
    await using dashboard = new TestDashboard({gates: [gate]});
    await onSessions(dashboard);
    dashboard.press('enter');
    await dashboard.shows('lobby');
    dashboard.press('e');
    dashboard.type('arena');
    dashboard.press('enter');
    await dashboard.shows('z undoes');
    gate.rows.set('a001', session('a001', 'ann', {room: 'citadel'}));
    dashboard.press('z', 'y');
    await dashboard.shows('any key close');
    expect(gate.rows.get('a001')?.session.settings['room']).toBe('citadel');
  });
});

describe.each([
  {columns: 60, rows: 15},
  {columns: 80, rows: 24},
])('a dialog at $columns x $rows', (size) => {
  test('wraps a long preview, and PgDn and PgUp scroll it', async () => {
    const gate = aGate();
    const words = Array.from({length: 400}, (_, at) => `word${at}`).join(' ');
    gate.rows.set('a001', session('a001', 'ann', {room: words}));
    await using dashboard = new TestDashboard({gates: [gate], size});
    await onSessions(dashboard);
    dashboard.press('enter');
    await dashboard.shows('SETTING');
    dashboard.press('x');
    await dashboard.shows('remove a setting', 'word0 word1', 'more lines');
    dashboard.press('pgup');
    const seen = new Set<string>();
    const add = (screen: string) => {
      for (const [word] of screen.matchAll(/word\d+/g)) seen.add(word);
    };
    for (let page = 0; page < 100; page += 1) {
      add(dashboard.terminal.text());
      dashboard.press('pgdn');
    }
    const end = await dashboard.shows('PgUp: back', '$ gatectl');
    add(end);
    expect(seen.size).toBe(400);
    dashboard.press('pgup');
    await dashboard.shows('more line');
    expect(dashboard.terminal.text().split('\n')).toHaveLength(size.rows);
  });
});

describe('messages', () => {
  test('come back by Ctrl-P, also in the next dashboard, and templates by Ctrl-T', async () => {
    const state = new Map<string, unknown>();
    const templates = {maintenance: {topic: '/notice', body: 'restart at noon'}};
    const configFile = {file: 'dashboard.json', value: {templates}};
    {
      await using dashboard = new TestDashboard({gates: [aGate()], state});
      await onSessions(dashboard);
      dashboard.press('s');
      dashboard.type('/a');
      dashboard.press('tab');
      dashboard.type('hello');
      dashboard.press('enter');
      await dashboard.shows('5 bytes written');
      await until(() => state.has('messages'), {what: 'the message to be kept'});
    }
    await using dashboard = new TestDashboard({gates: [aGate()], state, configFile});
    await onSessions(dashboard);
    dashboard.press('s');
    await dashboard.shows('Ctrl-P earlier', 'Ctrl-T template');
    dashboard.press('ctrl-p');
    await dashboard.shows('> topic    /a', 'body     hello');
    dashboard.press('ctrl-t');
    await dashboard.shows('> topic    /notice', 'body     restart at noon', 'Ctrl-T maintenance');
  });

  test.each([[undefined], ['x'], [{}], [[1, null, {topic: 1}, {topic: 'a'}]]])(
    'a damaged history is empty: %j',
    (value) => {
      expect(parseMessageHistory(value)).toEqual([]);
    },
  );

  test('the history is bounded, and has each message once', () => {
    let history = withSentMessage([], {topic: 'a', body: 'b'});
    for (let at = 0; at < 100; at += 1) history = withSentMessage(history, {topic: 'a', body: String(at)});
    history = withSentMessage(history, {topic: 'a', body: '90'});
    expect(history).toHaveLength(50);
    expect(history.filter(({body}) => body === '90')).toHaveLength(1);
    expect(withSentMessage(history, {topic: 'a', body: 'x'.repeat(20_000)})).toBe(history);
  });
});
