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

test('decode names the flag when its argument is the name of a file', async () => {
  expect(await gatectl('decode package.json')).toMatchObject({
    code: 9,
    err: expect.stringContaining('hint: gatectl decode --file package.json'),
  });
  expect((await gatectl('decode no-such-file')).err).not.toContain('--file');
});
