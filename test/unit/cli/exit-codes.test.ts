import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {ExitCode, OutcomeUnknownError, UnreachableError} from '../../../src/base/errors.js';
import {stringBag} from '../../../src/session/session.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {type CliWorld, gatectl} from '../../support/run-cli.js';

const id = 'f00dfeedf00dfeed';
const aGate = (): FakeGate =>
  new FakeGate('Gate@a', [aRow({sessionId: id, userId: 'neo', settings: stringBag([['room', 'x']])})]);

/** One of our gates, and what is to go wrong on it. */
function world(change: (gate: FakeGate) => void = () => {}, more: CliWorld = {}): CliWorld {
  const gate = aGate();
  change(gate);
  return {gates: [gate], ...more};
}

const failing = (error: Error) => (gate: FakeGate) => {
  gate.before = (fn) => {
    if (fn !== 'Update') throw error;
  };
};

/** A line and a world for each code, of a command that reads and of one that writes where both have it. */
const cases: readonly (readonly [keyof typeof ExitCode, readonly string[], CliWorld])[] = [
  ['done', ['sessions', 'list'], world()],
  ['done', ['settings', 'set', id, 'a=b'], world()],
  ['negative', ['sessions', 'get', 'ffffffffffffffff'], world()],
  ['negative', ['unbind', 'ffffffffffffffff'], world()],
  ['usage', ['sessions', 'nothing'], world()],
  ['usage', ['sessions', 'kick', id], world()],
  ['partial', ['sessions', 'list'], world((gate) => Object.assign(gate, {stock: true}))],
  [
    'partial',
    ['sessions', 'kick', '--all', '--yes'],
    {gates: [aGate(), Object.assign(new FakeGate('Gate@b'), {stock: true})]},
  ],
  ['notPermitted', ['unbind', id, '--read-only'], world()],
  ['conflict', ['settings', 'set', id, 'room=y', '--if', 'room=z'], world()],
  ['declined', ['sessions', 'kick', id], world(() => {}, {terminal: 'all', stdin: 'n\n'})],
  ['outcomeUnknown', ['unbind', id], world(failing(new OutcomeUnknownError('no answer')))],
  [
    'unreachable',
    ['sessions', 'list'],
    {openCluster: () => Promise.reject(new UnreachableError('cannot reach NATS'))},
  ],
  ['undecodable', ['decode', 'ffff', '--as', 'session'], world()],
  ['bug', ['sessions', 'list'], world(failing(new Error('boom')))],
];

/** Of a process and its streams: H03 and H04 of test/live/cli/process.test.ts and test/live/tui/terminal.test.ts. */
const ofProcess: readonly (keyof typeof ExitCode)[] = [
  'outputFailed',
  'interrupted',
  'terminated',
  'hungUp',
  'quit',
];

describe('H10: exit codes', () => {
  test.each(cases)('%s: %j', async (name, line, some) => {
    const {code, err} = await gatectl(line, some);
    expect(code, err).toBe(ExitCode[name]);
    if (code === 0) expect(err).toBe('');
    else expect(err).toMatch(/(error|warning): /);
  });

  test('every code has a case, a line in the help, and a row in the reference', async () => {
    const tested = new Set([...cases.map(([name]) => name), ...ofProcess]);
    expect([...tested].sort()).toEqual(Object.keys(ExitCode).sort());
    const {out} = await gatectl('help exit-codes');
    const reference = readFileSync('docs/reference/exit-codes.md', 'utf8');
    for (const code of Object.values(ExitCode)) {
      expect(out).toMatch(new RegExp(`^ .*\\b${code}\\b`, 'm'));
      expect(reference).toMatch(new RegExp(`^\\| [^|]*\\b${code}\\b[^|]*\\|`, 'm'));
    }
  });
});
