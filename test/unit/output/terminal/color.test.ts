import {describe, expect, test} from 'vitest';
import {stringBag} from '../../../../src/session/session.js';
import {evilSession} from '../../../support/evil.js';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {gatectl} from '../../../support/run-cli.js';

const esc = String.fromCharCode(27);
const ours = new RegExp(`${esc}\\[\\d+m`, 'g');
const gates = () => [
  new FakeGate('Gate@a', [
    aRow({sessionId: 'aaaa', userId: 'neo', settings: stringBag([['room', 'x']])}),
    aRow(evilSession('bbbb', 'Gate@a')),
  ]),
];

describe('A10: colour', () => {
  test.each([
    ['a terminal', 'all', {}, [], true],
    ['NO_COLOR=1', 'all', {NO_COLOR: '1'}, [], false],
    ['NO_COLOR= (empty is not set)', 'all', {NO_COLOR: ''}, [], true],
    ['TERM=dumb', 'all', {TERM: 'dumb'}, [], false],
    ['a pipe', 'none', {}, [], false],
    ['a pipe, --color always', 'none', {}, ['--color', 'always'], true],
    ['NO_COLOR=1, --color always', 'all', {NO_COLOR: '1'}, ['--color', 'always'], true],
    ['a terminal, --color never', 'all', {}, ['--color', 'never'], false],
    ['a pipe, FORCE_COLOR=1', 'none', {FORCE_COLOR: '1'}, [], true],
    ['CI=1', 'all', {CI: '1'}, [], true],
  ] as const)('%s', async (_, terminal, env, flags, isColored) => {
    const line = ['sessions', 'list', '-o', 'table', ...flags];
    const plain = await gatectl(['sessions', 'list', '-o', 'table'], {gates: gates()});
    const {out, err} = await gatectl(line, {gates: gates(), terminal, env});
    expect(out.includes(esc)).toBe(isColored);
    const bare = out.replace(ours, '');
    expect(bare + err).not.toContain(esc);
    const words = (text: string) => text.split(/\s+/).filter(Boolean);
    if (terminal === 'none') expect(words(bare)).toEqual(words(plain.out)); // what is remote reads the same
  });
});
