import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {catalogue} from '../../../../src/cli/catalogue.js';
import {manPage} from '../../../../src/cli/line/man-page.js';
import {testWith} from '../../../support/servers.js';

test('the shipped manual page is up to date', async () => {
  expect(readFileSync('dist/man/gatectl.1', 'utf8')).toBe(await manPage());
});

test('the manual page has every command', async () => {
  const page = await manPage();
  for (const {path} of catalogue) expect(page).toContain(`\n.SS gatectl ${path.replaceAll('-', '\\-')}`);
});

testWith('man')('man takes it without a warning', () => {
  const shown = execFileSync('man', ['--warnings=w', '-l', 'dist/man/gatectl.1'], {
    env: {...process.env, MANWIDTH: '100', LANG: 'C.UTF-8'},
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(shown).toContain('EXIT STATUS');
});
