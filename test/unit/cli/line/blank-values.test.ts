import {Command} from 'commander';
import {describe, expect, test} from 'vitest';
import {catalogue} from '../../../../src/cli/catalogue.js';
import {globalFlags} from '../../../../src/cli/settings/global-flags.js';
import {stringBag} from '../../../../src/session/session.js';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {gatectl} from '../../../support/run-cli.js';

const id = 'f00dfeedf00dfeed';

/** A guest and a user, both on one gate. */
const aGate = (): FakeGate =>
  new FakeGate('Gate@a', [
    aRow({sessionId: id, userId: '', settings: stringBag([['room', 'x']])}),
    aRow({sessionId: 'cafecafecafecafe', userId: 'neo', network: 'tcp'}),
  ]);

/** Values that the parsers of these arguments take. */
const usual: Readonly<Record<string, string>> = {
  session: id,
  uid: 'neo',
  ttl: '10m',
  shell: 'bash',
  word: id,
};

/** Arguments that may be blank, or that their commands check by themselves. */
const checkedElsewhere = ['topic', 'body', 'args', 'bytes', 'key', 'settings'];

interface Case {
  readonly line: readonly string[];
  readonly names: string;
}

/** A line for each flag and argument of each command, with the value left blank. */
async function everyBlank(blank: string): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const {path, load} of catalogue) {
    const words = path.split(' ');
    const {options, registeredArguments} = (await load()).declare(new Command());
    const values = registeredArguments.map((argument) => usual[argument.name()] ?? 'x=1');
    for (const {long, required} of options) {
      if (!required || long === undefined || long === null) continue;
      cases.push({line: [...words, ...values, long, blank], names: long});
      cases.push({line: [...words, `${long}=${blank}`, ...values], names: long});
    }
    for (const [at, argument] of registeredArguments.entries()) {
      if (checkedElsewhere.includes(argument.name())) continue;
      cases.push({line: [...words, ...values.toSpliced(at, 1, blank)], names: `<${argument.name()}>`});
    }
  }
  return cases;
}

/** Runs a line that has to be refused before any gate is asked. */
async function refused(line: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const gate = aGate();
  const {code, out, err} = await gatectl([...line, '--yes'], {gates: [gate], env});
  expect({line, code, out, calls: gate.calls}).toEqual({line, code: 2, out: '', calls: []});
  return err;
}

describe('A5: a blank value', () => {
  test.each(['', '  ', '\t\n'])('%j is refused for each flag and argument of each command', async (blank) => {
    const cases = await everyBlank(blank);
    expect(cases.length).toBeGreaterThan(250);
    for (const {line, names} of cases) {
      expect(await refused(line)).toMatch(new RegExp(`^error: the value of ${names} is empty\n`));
    }
  });

  test('is refused for each global flag', async () => {
    for (const {notation: flags} of globalFlags) {
      const [, long = '', value] = /(--[\w-]+)( <)?/.exec(flags) ?? [];
      if (value === undefined) continue;
      expect(await refused(['sessions', 'kick', id, long, ' '])).toContain(`the value of ${long} is empty`);
      expect(await refused([`${long}=`, 'records', 'delete', 'neo'])).toContain(
        `the value of ${long} is empty`,
      );
    }
  });

  test('is refused in the words that a command parses itself', async () => {
    for (const line of [
      ['send', '', 'topic', 'body'],
      ['send', id, '', 'body'],
      ['send', '--uid', 'neo', '', 'body'],
      ['broadcast', '', 'body'],
      ['settings', 'set', '', 'a=b'],
      ['settings', 'set', id, '=b'],
      ['settings', 'unset', '', 'room'],
      ['settings', 'unset', id, ''],
      ['settings', 'unset', '--uid', 'neo', ''],
      ['settings', 'get', id, ''],
      ['records', 'set', 'neo', '=x'],
      ['unbind', 'Gate@a/'],
      ['unbind', '/'],
    ])
      expect(await refused(line)).toMatch(/^error: /);
  });

  test('is refused as gate type in the environment and in a context', async () => {
    expect(await refused(['sessions', 'count'], {GATECTL_GATE_TYPE: ''})).toContain('GATECTL_GATE_TYPE');
    expect(await refused(['sessions', 'count'], {GATECTL_GATE_TYPE: ' '})).toContain('GATECTL_GATE_TYPE');
    const {code, err} = await gatectl('sessions count', {
      gates: [aGate()],
      contexts: {old: {gateType: ' '}},
      selected: 'old',
    });
    expect({code, err}).toEqual({code: 2, err: expect.stringContaining('context "old"')});
  });

  test('is accepted as a message, and --guest still selects guests', async () => {
    const gate = aGate();
    expect((await gatectl(['send', id, 'topic', ''], {gates: [gate]})).code).toBe(0);
    const kicked = await gatectl('sessions kick --guest --yes', {gates: [gate]});
    expect(kicked.code).toBe(0);
    expect([...gate.rows.values()].map(({session}) => session.userId)).toEqual(['neo']);
  });
});

describe('A5: a flag in place of a value, as an unset shell variable leaves it', () => {
  test('is refused for each flag of each command', async () => {
    const all = await everyBlank('--read-only');
    const cases = all.filter(({line, names}) => names.startsWith('--') && line.includes('--read-only'));
    expect(cases.length).toBeGreaterThan(100);
    for (const {line} of cases)
      expect(await refused(line)).toMatch(/ is missing: --read-only is a flag| argument missing/);
    for (const line of [
      ['sessions', 'kick', '--where', '--dry-run'],
      ['sessions', 'kick', '--uid', '--all-sessions'],
    ])
      expect(await refused(line)).toContain(`the value of ${line[2]} is missing: ${line[3]} is a flag`);
  });

  test('is refused for each global flag', async () => {
    for (const {notation, long} of globalFlags) {
      if (!notation.includes('<')) continue;
      expect(await refused(['sessions', 'kick', id, long, '--quiet'])).toContain(
        `the value of ${long} is missing: --quiet is a flag`,
      );
    }
  });

  test('any other text that begins with dashes is a value', async () => {
    const {code} = await gatectl(['send', id, '/t', 'x', '--reason', '--all clear'], {gates: [aGate()]});
    expect(code).toBe(0);
  });
});

describe('A5: a value that never matches', () => {
  const selecting = [
    'sessions list',
    'sessions count',
    'sessions top --once',
    'sessions watch',
    'sessions kick',
  ];
  const others = ['unbind', 'snapshot save x', 'send t b', 'settings set a=b', 'settings unset a'];
  test.each([
    [['--network', 'ws'], 'invalid network "ws"', 'expected tcp or websocket'],
    [['--ip', '300.1.1.1'], 'invalid address block "300.1.1.1"', ''],
    [['--setting', '=x'], 'invalid setting "=x"', ''],
    [['--setting', '!'], 'invalid setting "!"', ''],
    [['--setting', '!=x'], 'invalid setting "!=x"', ''],
    [['--setting', ' '], 'the value of --setting is empty', ''],
    [['--setting', ' =x'], 'invalid setting " =x"', ''],
    [['--guest', '--uid', 'neo'], 'cannot combine --guest and --uid', ''],
    [['--older-than', '-5m'], 'invalid duration "-5m"', ''],
    [['--older-than=99999999d'], 'invalid duration', ''],
    [['--idle', '0s'], 'invalid duration "0s"', ''],
    [['--where', 'uid == ""'], 'empty uid', 'to select guests: guest'],
    [['--where', 'guest || "" == uid'], 'empty uid', ''],
    [['--where', 'uid in ["neo", ""]'], 'empty uid', ''],
    [['--where', 'network == "ws"'], 'no session has the network "ws"', ''],
    [['--where', 'gate == ""'], 'no session has an empty gate', ''],
  ] as const)('%j is refused by each command that selects', async (flags, message, hint) => {
    for (const command of [...selecting, ...others]) {
      const err = await refused([...command.split(' '), ...flags]);
      expect(err).toContain(message);
      expect(err).toContain(hint);
    }
  });

  test('an empty text is accepted for a field that a session may lack', async () => {
    const {out} = await gatectl(
      ['sessions', 'count', '--where', 'uid != "" && network in ["tcp", "websocket"]', '-o', 'json'],
      {gates: [aGate()]},
    );
    expect(JSON.parse(out).sessions).toBe(1);
  });
});
