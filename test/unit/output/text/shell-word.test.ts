import {execFileSync} from 'node:child_process';
import {describe, expect, test} from 'vitest';
import {safeText} from '../../../../src/output/text/safe-text.js';
import {shellLine, shellWord} from '../../../../src/output/text/shell-word.js';
import {evilText} from '../../../support/evil.js';

const texts = [
  '',
  'u42',
  'Gate@a/5f00',
  "it's",
  'a b',
  '$(touch pwned)',
  '`id`',
  ';rm -rf /',
  '用户',
  'a\\b',
  '\u3164',
  'a\nb\x1b[2J',
  evilText,
];

describe('a word for the shell', () => {
  test.each(texts)('%j is pasted into bash as it is, and shown as it is', (text) => {
    const word = shellWord(text);
    expect(safeText(word)).toBe(word);
    const said = execFileSync('bash', ['--norc', '-c', `printf %s ${word}`], {env: {LC_ALL: 'C.UTF-8'}});
    expect(said.toString('utf8')).toBe(text);
  });

  test('a command line quotes each word', () => {
    expect(shellLine(['gatectl', 'sessions', 'find', 'a b'])).toBe("gatectl sessions find 'a b'");
  });
});
