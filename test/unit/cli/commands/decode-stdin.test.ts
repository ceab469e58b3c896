import {expect, test} from 'vitest';
import {gatectl} from '../../../support/run-cli.js';

const hex = '0a0f3132372e302e302e313a353634333412037463701a0375343222056964313142';

test('decode without an argument reads a pipe, and never waits for a terminal', async () => {
  const argument = await gatectl(`decode ${hex} -o json`);
  expect(argument.code).toBe(0);
  expect(await gatectl('decode -o json', {stdin: `${hex}\n`})).toEqual(argument);
  expect(await gatectl('decode', {stdin: hex, terminal: 'all'})).toMatchObject({
    code: 2,
    err: expect.stringContaining('missing input'),
  });
  expect(await gatectl('decode', {stdin: ''})).toMatchObject({code: 9, out: ''});
});
