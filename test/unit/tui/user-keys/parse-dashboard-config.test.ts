import {describe, expect, test} from 'vitest';
import {promptCommands} from '../../../../src/tui/control/prompt-commands.js';
import {parseDashboardConfig} from '../../../../src/tui/user-keys/parse-dashboard-config.js';
import {TestDashboard} from '../../../support/dashboard.js';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {until} from '../../../support/poll.js';

const parse = (value: unknown) =>
  parseDashboardConfig(value, {
    riskOf: ([first]) => (first === 'records' ? 'read' : undefined),
    commandNames: promptCommands.map(({name}) => name),
  });

test('parses keys, aliases and the permission to write', () => {
  const {keys, aliases, faults} = parse({
    keys: {
      X: ['records', 'get', '{uid}'],
      'ctrl-t': {command: ['whois', '{uid}'], help: 'who is it', screens: ['sessions']},
    },
    aliases: {vip: 'sessions vip'},
  });
  expect(faults).toEqual([]);
  expect(keys).toEqual([
    {
      key: 'X',
      help: 'gatectl records get {uid}',
      command: ['records', 'get', '{uid}'],
      screens: undefined,
      isWrite: false,
    },
    {key: 'ctrl-t', help: 'who is it', command: ['whois', '{uid}'], screens: ['sessions'], isWrite: true},
  ]);
  expect(aliases).toEqual({vip: 'sessions vip'});
});

test.each([
  [{keys: {K: ['records', 'list']}}, 'key "K": used by the dashboard: close the connection'],
  [{keys: {'ctrl-c': ['records', 'list']}}, 'key "ctrl-c": reserved by the terminal'],
  [{keys: {XX: ['records', 'list']}}, 'key "XX": unknown key name'],
  [{keys: {X: 'records list'}}, 'key "X": expected an array of words'],
  [{keys: {X: []}}, 'key "X": expected an array of words'],
  [{keys: {X: ['records', 'delete', '{uid}', '--yes']}}, 'key "X": --yes would skip the confirmation'],
  [{keys: {X: ['records', '{name}']}}, 'key "X": unknown placeholder {name}'],
  [{keys: {X: ['--server', 'x']}}, 'key "X": "--server" is not a gatectl command'],
  [{keys: {X: ['/bin/sh', '-c', 'x']}}, 'key "X": "/bin/sh" is not a gatectl command'],
  [{keys: {X: {command: ['records', 'list'], screens: ['nope']}}}, 'key "X": unknown screen "nope"'],
  [{keys: []}, '"keys" is not an object'],
  [{key: {}}, 'unknown member "key"'],
  [{aliases: {sessions: 'records'}}, 'alias "sessions": already the name of a dashboard command'],
  [{aliases: {vip: 'nope x'}}, 'alias "vip": "nope" is not a dashboard command'],
  [{aliases: {vip: 7}}, 'alias "vip": expected the text of a command'],
  [[], 'expected an object'],
  ['text', 'expected an object'],
])('an invalid entry is refused by name: %j', (value, fault) => {
  const {keys, aliases, faults} = parse(value);
  expect([keys, aliases]).toEqual([[], {}]);
  expect(faults).toEqual([expect.stringContaining(fault)]);
});

test('keeps the valid entries beside an invalid one', () => {
  const {keys, faults} = parse({keys: {K: ['records', 'list'], X: ['records', 'list']}});
  expect(keys.map(({key}) => key)).toEqual(['X']);
  expect(faults).toHaveLength(1);
});

const gates = (uid = 'ann') => [
  new FakeGate('Gate@a', [aRow({sessionId: 'a1b2', userId: uid, serverId: 'Gate@a'})]),
];
const config = (value: unknown) => ({file: '/home/me/dashboard.json', value});

describe("a user's key", () => {
  test('runs its command with the row under the cursor, as separate words', async () => {
    const configFile = config({keys: {X: ['records', 'get', '{uid}'], Y: ['records', 'x', '{gate}/{id}']}});
    await using dashboard = new TestDashboard({
      gates: gates(),
      configFile,
      about: {flags: ['--context', 'test']},
    });
    dashboard.press('2');
    await dashboard.shows('ann', '1 session');
    dashboard.press('X');
    await dashboard.shows('done: gatectl --context test records get ann');
    dashboard.press('enter');
    await dashboard.shows('SETTING');
    dashboard.press('Y');
    await until(() => dashboard.commands.length === 2, {what: 'the second command'});
    expect(dashboard.commands).toEqual([
      ['--context', 'test', 'records', 'get', 'ann'],
      ['--context', 'test', 'records', 'x', 'Gate@a/a1b2'],
    ]);
    expect(dashboard.terminal.suspensions).toBe(2);
  });

  test('reports a missing value of the row, and the exit code of the command', async () => {
    const configFile = config({keys: {X: ['records', 'get', '{uid}']}});
    await using dashboard = new TestDashboard({gates: gates(), configFile, commandCode: 5});
    await dashboard.shows('Gate@a');
    dashboard.press('X');
    await dashboard.shows('X: the row has no uid');
    dashboard.press('2');
    await dashboard.shows('ann', '1 session');
    dashboard.press('X');
    await dashboard.shows('exit code 5: gatectl records get ann');
  });

  test('asks before a write, and refuses it in read-only mode', async () => {
    const configFile = config({keys: {X: ['whois', '{uid}']}});
    await using dashboard = new TestDashboard({gates: gates(), configFile});
    dashboard.press('2');
    await dashboard.shows('ann', '1 session');
    dashboard.press('X');
    await dashboard.shows('run gatectl whois {uid}?', '$ gatectl whois ann', 'y yes');
    dashboard.press('enter');
    await dashboard.shows('cancelled');
    expect(dashboard.commands).toEqual([]);
    dashboard.press('X', 'y');
    await dashboard.shows('done: gatectl whois ann');
    const about = {readOnlySource: '--read-only'};
    await using other = new TestDashboard({gates: gates(), configFile, about});
    other.press('2');
    await other.shows('ann', '1 session');
    other.press('X');
    await other.shows('X: --read-only forbids writes');
  });

  test.each([
    ['--all', ['records', 'get', '{uid}'], '"--all" would be read as an option'],
    ['a" || true || "', ['records', 'list', '--where', 'uid == {uid}'], 'characters that need quotes'],
  ])('a uid of a client never becomes an option or a part of a selector: %s', async (uid, command, why) => {
    await using dashboard = new TestDashboard({gates: gates(uid), configFile: config({keys: {X: command}})});
    dashboard.press('2');
    await dashboard.shows('a1b2', '1 session');
    dashboard.press('X');
    await dashboard.shows(why);
    expect(dashboard.commands).toEqual([]);
  });

  test('escapes a value within the quotes of a selector', async () => {
    const configFile = config({keys: {X: ['records', 'list', '--where', 'uid == "{uid}"']}});
    await using dashboard = new TestDashboard({gates: gates('a" || true'), configFile});
    dashboard.press('2');
    await dashboard.shows('a1b2', '1 session');
    dashboard.press('X');
    await until(() => dashboard.commands.length === 1, {what: 'the command'});
    expect(dashboard.commands[0]).toEqual(['records', 'list', '--where', 'uid == "a\\" || true"']);
  });
});

test('aliases work in the prompt, and the help lists keys, aliases and refused entries', async () => {
  const configFile = config({
    keys: {X: ['records', 'list'], K: ['records', 'list']},
    aliases: {vip: 'sessions uid == "ann"'},
  });
  await using dashboard = new TestDashboard({gates: gates(), configFile});
  await dashboard.shows('/home/me/dashboard.json: key "K": used by the dashboard');
  dashboard.press(':');
  dashboard.type('vip');
  dashboard.press('enter');
  await dashboard.shows('where uid == "ann"', '1 session');
  dashboard.press('?', 'G');
  await dashboard.shows('X         gatectl records list', ':vip', 'refused: key "K"');
});

test('an unreadable file is named in the error', async () => {
  const configFile = {file: '/home/me/dashboard.json', fault: 'Unexpected token'};
  await using dashboard = new TestDashboard({gates: gates(), configFile});
  await dashboard.shows('/home/me/dashboard.json: Unexpected token');
});
