import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {catalogue} from '../../src/cli/catalogue.js';

const pages = readdirSync('docs').filter((name) => name.endsWith('.md'));
const textOf = (page: string): string => readFileSync(path.join('docs', page), 'utf8');

test('docs/output.md says what each command gives to programs', () => {
  const named = new Set([...textOf('output.md').matchAll(/`([a-z -]+)`/g)].map(([, code]) => code));
  expect(catalogue.map((command) => command.path).filter((name) => !named.has(name))).toEqual([]);
});

test('docs/authors.md has a row for each statement of the session document that a test holds', () => {
  const held = readFileSync('test/live/seed/session-document.test.ts', 'utf8').matchAll(/test\('(S\d\d) /g);
  const rows = textOf('authors.md').matchAll(/^\| (S\d\d) \|/gm);
  const ids = (matches: Iterable<RegExpMatchArray>): string[] => [...matches].map(([, id = '']) => id);
  expect(ids(rows)).toEqual(ids(held));
});

describe.each(pages)('docs/%s', (page) => {
  test('links to files that are there', () => {
    const links = [...textOf(page).matchAll(/\]\(([^)#]+)[^)]*\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^https?:/.test(link));
    expect(links.filter((link) => !existsSync(path.join('docs', link)))).toEqual([]);
  });

  test('names files of the project that are there, and scripts that can be run', () => {
    const codes = [...textOf(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
    const files = codes.filter((code) => /^(?:src|test|bin|docs)\/[\w./-]+\.\w+$/.test(code));
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    const {scripts} = JSON.parse(readFileSync('package.json', 'utf8')) as {scripts: object};
    const run = [...textOf(page).matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
    expect(run.filter((script) => !(script in scripts))).toEqual([]);
  });
});
