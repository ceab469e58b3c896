import {mkdir, writeFile} from 'node:fs/promises';
import {Command} from 'commander';
import {describe, expect, test} from 'vitest';
import {catalogue} from '../../../src/cli/catalogue.js';
import {lengthBeforeWordBreak, splitShellWords} from '../../../src/cli/line/complete/shell-words.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {dangersIn, evilSession} from '../../support/evil.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {type CliWorld, gatectl} from '../../support/run-cli.js';
import {temporaryFolder} from '../../support/temp.js';

function gateWithRecord(rows: ConstructorParameters<typeof FakeGate>[1]): FakeGate {
  const gate = new FakeGate('Gate@a', rows);
  const value = encodeSession(newSession({userId: 'offline'}));
  gate.records.set('offline', {uid: 'offline', value, revision: '1', expiresAt: 0});
  return gate;
}

const world = (): CliWorld => ({
  gates: [
    gateWithRecord([
      aRow({
        sessionId: 'aa11',
        userId: 'u1',
        settings: stringBag([
          ['room', 'x'],
          ['level', '7'],
        ]),
      }),
      aRow({sessionId: 'ab22', userId: 'u 2'}),
    ]),
    new FakeGate('Gate@b', [aRow({sessionId: 'bb33'})]),
  ],
  contexts: {prod: {}, test: {}},
});

/** What takes long here is loading the program's files for the first time. */
const patient = {env: {GATECTL_COMPLETION_TIMEOUT: '60s'}};

async function candidates(words: readonly string[], some: CliWorld = world()): Promise<string[]> {
  const {code, out, err} = await gatectl(['__complete', 'zsh', '--', ...words], {...patient, ...some});
  expect({code, err}).toEqual({code: 0, err: ''});
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t')[0] ?? '');
}

describe('completion', () => {
  test.each([
    [['sett'], ['settings']],
    [['sessions', 'k'], ['kick']],
    [['sessions', 'list', '--old'], ['--older-than']],
    [
      ['sessions', 'list', '-o', 'js'],
      ['json', 'jsonl'],
    ],
    [
      ['sessions', 'list', '--output=js'],
      ['--output=json', '--output=jsonl'],
    ],
    [['-o', 'json', 'sessions', 'cou'], ['count']],
    [
      ['bind', 'aa11', 'u1', '--duplicate', ''],
      ['allow', 'refuse', 'takeover'],
    ],
    [
      ['sessions', 'get', 'a'],
      ['aa11', 'ab22'],
    ],
    [['sessions', 'get', 'Gate@b/'], ['Gate@b/bb33']],
    [
      ['sessions', 'find', ''],
      ['u1', 'u 2'],
    ],
    [['sessions', 'list', '--uid', 'u1'], ['u1']],
    [['sessions', 'kick', 'uid:u1'], ['uid:u1']],
    [['sessions', 'kick', '--target', 'uid:u1'], ['uid:u1']],
    [
      ['sessions', 'list', '--gate', ''],
      ['Gate@a', 'Gate@b'],
    ],
    [['sessions', 'list', '--setting', 'ro'], ['room=']],
    [
      ['settings', 'get', 'aa11', ''],
      ['room', 'level'],
    ],
    [['settings', 'set', 'aa11', 'r'], ['room=']],
    [['settings', 'unset', 'aa11', 'room', 'l'], ['level']],
    [
      ['gates', 'info', 'Gate@a', ''],
      ['Gate@a', 'Gate@b'],
    ],
    [['context', 'use', 'p'], ['prod']],
    [['context', 'add', ''], []],
    [
      ['--context', ''],
      ['prod', 'test'],
    ],
    [['decode', '--file', ''], [':files']],
    [['records', 'import', ''], [':files']],
    [['sessions', 'list', '--sort', 'rec'], ['received']],
    [['records', 'list', '--sort', 'ex'], ['expires']],
    [
      ['sessions', 'list', '--sort', 'age:'],
      ['age:asc', 'age:desc'],
    ],
    [
      ['sessions', 'list', '--sort', 'settings.'],
      ['settings.room', 'settings.level'],
    ],
    [['sessions', 'list', '--sort', 'gu'], []],
    [['sessions', 'list', '--columns', 'id,r'], ['id,received']],
    [
      ['sessions', 'list', '--columns', 'id,settings.'],
      ['id,settings.room', 'id,settings.level'],
    ],
    [
      ['sessions', 'count', '--by', ''],
      ['version', 'gate', 'network', 'uid', 'guest', 'ip', 'ip/24'],
    ],
    [
      ['sessions', 'watch', '--kinds', 'bound,c'],
      ['bound,connected', 'bound,closed'],
    ],
    [['anomalies', '--checks', 'duplicate-uid,gh'], ['duplicate-uid,ghost']],
    [
      ['anomalies', '--severity', ''],
      ['high', 'medium', 'low'],
    ],
    [
      ['sessions', 'get', 'Gate@'],
      ['Gate@a/', 'Gate@b/'],
    ],
    [['sessions', 'kick', 'u'], ['uid:']],
    [['bind', 'aa11', 'u1', 'b'], ['bb33']],
    [['trace', '--fn', 'GatectlRecordG'], ['GatectlRecordGet']],
    [
      ['trace', '--node', 'Gate'],
      ['Gate@a', 'Gate@b', 'Gate'],
    ],
    [['records', 'get', 'off'], ['offline']],
    [['records', 'expire', 'u1', 'off'], ['offline']],
    [['records', 'list', '--uid', ''], ['offline']],
    [
      ['audit', 'list', '--command', 'settings un'],
      ['settings unset', 'settings undo'],
    ],
    [['snapshot', 'diff', ''], [':files']],
    [['snapshot', 'list', ''], [':files']],
    [['addon', 'install', ''], [':files']],
    [['sessions', 'kick', '--plan', ''], [':files']],
    [['gate', 'passwd', 'x', ''], []],
    [['help', 'bin'], ['bind']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['frobnicate', ''], []],
    [['sessions', 'get', 'aa11', ''], []],
    [['send', 'aa11', '/topic', ''], []],
    [['sessions', 'get', '--', '-'], []],
  ])('%j', async (words, expected) => {
    expect(await candidates(words)).toEqual(expected);
  });

  test('offers only values that the option or argument accepts', async () => {
    const seen = new Set<string>();
    let checked = 0;
    for (const {path, load} of catalogue) {
      const command = (await load()).declare(new Command());
      const words = path.split(' ');
      const [argument] = command.registeredArguments;
      const valued = command.options.filter(({required}) => required);
      const all = [
        ...valued.map(
          (option) => [option.flags + option.description, option.parseArg, option.long ?? ''] as const,
        ),
        ...(argument === undefined ? [] : [[path, argument.parseArg, undefined] as const]),
      ];
      for (const [key, parse, flag] of all) {
        if (seen.has(key)) continue;
        seen.add(key);
        for (const value of await candidates([...words, ...(flag === undefined ? [] : [flag]), ''])) {
          if (value === ':files' || value.endsWith('=')) continue; // a key whose value is to be typed
          expect(() => parse?.(value, undefined), `${path} ${flag} ${value}`).not.toThrow();
          checked += 1;
        }
      }
    }
    expect(checked).toBeGreaterThan(50);
  });

  test('offers the snapshots of the folder by their names', async () => {
    await using folder = await temporaryFolder();
    await mkdir(`${folder.path}/snapshots`);
    for (const name of ['before.jsonl', 'notes.txt']) await writeFile(`${folder.path}/snapshots/${name}`, '');
    const some = {...world(), stateFolder: folder.path};
    expect(await candidates(['snapshot', 'diff', 'be'], some)).toEqual(['before.jsonl']);
    expect(await candidates(['sessions', 'list', '--snapshot', ''], some)).toEqual(['before.jsonl']);
    expect(await candidates(['sessions', 'list', '--snapshot', '/tmp'], some)).toEqual([':files']);
  });

  test('offers every command and flag', async () => {
    for (const {path} of catalogue) {
      const words = path.split(' ');
      expect(await candidates([...words.slice(0, -1), words.at(-1) ?? ''])).toContain(words.at(-1));
      const flags = await candidates([...words, '--']);
      expect(flags).toContain('--server');
      const {out} = await gatectl([...words, '--help']);
      for (const [, flag] of out.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)) expect(flags, path).toContain(flag);
    }
  });

  test('A13: omits names that cannot be typed safely', async () => {
    const gate = new FakeGate('Gate@a', [
      aRow(evilSession('aa11', 'Gate@a')),
      aRow({userId: '$(touch pwned)'}),
      aRow({userId: 'a\nb'}),
      aRow({userId: 'a\tb'}),
    ]);
    expect(await candidates(['sessions', 'find', ''], {gates: [gate]})).toEqual(['$(touch pwned)']);
    const {out} = await gatectl(['__complete', 'zsh', '--', 'sessions', 'get', ''], {
      ...patient,
      gates: [gate],
    });
    expect(out.trimEnd().split('\n')).toHaveLength(4);
    expect(dangersIn(out)).toEqual([]);
  });

  test('waits for a slow gate up to GATECTL_COMPLETION_TIMEOUT', async () => {
    const slow = new FakeGate('Gate@a', [aRow({sessionId: 'aa11'})]);
    slow.before = () => new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await candidates(['sessions', 'get', ''], {gates: [slow], env: {}})).toEqual([]);
    expect(await candidates(['sessions', 'get', ''], {gates: [slow]})).toEqual(['aa11']);
  });

  test('offers nothing, in time, for a silent gate, no cluster or a broken context', async () => {
    const silent = new FakeGate('Gate@a', [aRow({sessionId: 'aa11'})]);
    silent.before = () => new Promise(() => {});
    const started = performance.now();
    for (const env of [{}, {GATECTL_COMPLETION_TIMEOUT: '200ms'}, {GATECTL_COMPLETION_TIMEOUT: 'soon'}])
      expect(await candidates(['sessions', 'get', ''], {gates: [silent], env})).toEqual([]);
    expect(performance.now() - started).toBeLessThan(10_000); // it would not end by itself
    expect(await candidates(['sessions', 'get', ''], {gates: []})).toEqual([]);
    expect(await candidates(['--context', 'nothing', 'sessions', 'get', ''])).toEqual([]);
  });
});

describe('the words of a bash line', () => {
  test.each([
    ['gatectl sessions get ', ['gatectl', 'sessions', 'get', '']],
    ['gatectl "a b" \'c d\' e\\ f', ['gatectl', 'a b', 'c d', 'e f']],
    ["gatectl '' x", ['gatectl', '', 'x']],
    ['gatectl "half', ['gatectl', 'half']],
    ['gatectl $(id) `id`', ['gatectl', '$(id)', '`id`']],
  ])('%s', (line, words) => expect(splitShellWords(line)).toEqual(words));

  test.each([
    ['--output=js', 'js', 9],
    ['--output=', '=', 9],
    ['Gate@a/f', 'a/f', 4],
    ['Gate@', '@', 4],
    ['plain', 'plain', 0],
  ])('%s, of which bash sees %s', (word, current, cut) =>
    expect(lengthBeforeWordBreak(word, current)).toBe(cut),
  );
});
