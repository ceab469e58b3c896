import {describe, expect, test} from 'vitest';
import {findCommand} from '../../../../../src/cli/catalogue.js';
import {parseLineFast} from '../../../../../src/cli/line/fast/parse-line.js';
import {expandAliases} from '../../../../../src/cli/line/hints/aliases.js';
import {aRow, FakeGate} from '../../../../support/fake-gate.js';
import {gatectl} from '../../../../support/run-cli.js';

const world = () => {
  const gate = new FakeGate('Gate@a');
  gate.add(aRow({sessionId: '5f0084b6970dc3', userId: 'u1'}));
  return {gates: [gate]};
};

describe('aliases', () => {
  test.each([
    ['ls', 'sessions list'],
    ['sessions ls --limit 3', 'sessions list --limit 3'],
    ['--timeout 2s gates ls', '--timeout 2s gates list'],
    ['-o json records ls', '-o json records list'],
    ['context rm prod', 'context remove prod'],
    ['records rm u42', 'records delete u42'],
    ['settings rm abc room', 'settings unset abc room'],
    ['sessions show abc', 'sessions get abc'],
    ['describe abc', 'sessions get abc'],
    ['settings describe abc', 'settings list abc'],
    ['gates describe Gate@a', 'gates info Gate@a'],
    ['context show', 'context show'],
    ['context describe', 'context show'],
    ['version', '--version'],
    ['help sessions ls', 'help sessions list'],
    // no aliases
    ['send abc ls rm', 'send abc ls rm'],
    ['--context version sessions list', '--context version sessions list'],
    ['settings set abc ls=1', 'settings set abc ls=1'],
    ['sessions get ls', 'sessions get ls'],
    ['describe session abc', 'describe session abc'],
    ['gate run --id ls', 'gate run --id ls'],
  ])('%s is %s', (typed, meant) => {
    expect(expandAliases(typed.split(' ')).join(' ')).toBe(meant);
  });

  test('an alias runs its command, in both parsers', async () => {
    const list = await gatectl('sessions list', world());
    expect(await gatectl('sessions ls', world())).toEqual(list);
    expect(await gatectl('ls', world())).toEqual(list);
    expect(await gatectl('sessions ls -otsv', world())).toEqual(list); // -otsv is commander's
    expect((await parseLineFast(expandAliases(['sessions', 'show', 'abc'])))?.entry).toBe(
      findCommand('sessions get'),
    );
    expect((await gatectl('sessions ls --help')).out).toBe((await gatectl('sessions list --help')).out);
    expect((await gatectl('version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('an alias of a write asks for the same confirmation', async () => {
    const {code, err} = await gatectl('records rm u1 --kick', world());
    expect({code, err}).toEqual({
      code: 2,
      err: expect.stringContaining('cannot confirm "delete the record of uid "u1"'),
    });
  });
});
