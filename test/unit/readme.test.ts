import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {catalogue} from '../../src/cli/catalogue.js';

const english = readFileSync('README.md', 'utf8');
const chinese = readFileSync('docs/README.zh-CN.md', 'utf8');

const blocks = (text: string): string[] =>
  [...text.matchAll(/^```(\w+)\n(.*?)^```/gms)].map(
    ([, language, code = '']) => `${language}\n${withoutRemarks(code)}`,
  );
const withoutRemarks = (code: string): string => code.replace(/ +# .*$/gm, '');

/** What stands between backticks, in tables too. */
const codes = (text: string): string[] =>
  [...text.replace(/^```.*?^```/gms, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

/** The first cells of a table's rows. */
const rowsOf = (text: string): string[] =>
  [...text.matchAll(/^\| (.*?[^\\]) +\|/gm)]
    .map(([, cell = '']) => cell.trim())
    .filter((cell) => /[`\d]/.test(cell));

/** `a b \| c` is the commands `a b` and `a c`. */
function commandsIn(text: string): string[] {
  const named = codes(text).filter((code) => /^gatectl [a-z]/.test(code));
  return named.flatMap((code) => {
    const [, ...words] = code.replace(/\\\|/g, '|').split(' ');
    const end = words.findIndex((word) => !/^[a-z|][a-z-]*$/.test(word));
    const [first = '', ...rest] = end < 0 ? words : words.slice(0, end);
    const verbs = rest.filter((word) => word !== '|');
    return verbs.length === 0 ? [first] : verbs.map((verb) => `${first} ${verb}`);
  });
}

/** Files that it links to. */
const linksOf = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:/.test(link));

describe('the two READMEs', () => {
  test('have the same blocks to type', () => {
    expect(blocks(chinese)).toEqual(blocks(english));
    expect(blocks(english).length).toBeGreaterThanOrEqual(4);
  });

  test('have the same sections, commands, exit codes and registries', () => {
    const sections = (text: string): number => (text.match(/^## /gm) ?? []).length;
    expect(sections(chinese)).toBe(sections(english));
    const same = (rows: string[]): string[] => rows.map((row) => row.replace(/[（(].*$/, '').trim());
    expect(same(rowsOf(chinese))).toEqual(same(rowsOf(english)));
    expect(rowsOf(english).length).toBeGreaterThan(30);
  });

  test.each([
    ['English', english],
    ['Chinese', chinese],
  ])('name commands that exist: %s', (_language, text) => {
    const known = new Set(catalogue.map((command) => command.path));
    const nouns = new Set([...known].map((name) => name.split(' ')[0]));
    const named = commandsIn(text);
    expect(named.length).toBeGreaterThan(40);
    const unknown = named.filter(
      (name) => !known.has(name) && !known.has(name.split(' ')[0] ?? '') && name !== 'help',
    );
    expect(unknown.filter((name) => !(nouns.has(name) && !name.includes(' ')))).toEqual([]);
  });

  test.each([
    ['English', english],
    ['Chinese', chinese],
  ])('have every command in their tables: %s', (_language, text) => {
    const named = commandsIn(rowsOf(text).join('\n'));
    const isThere = (path: string): boolean =>
      named.some((name) => name === path || name.startsWith(`${path} `));
    expect(catalogue.map(({path}) => path).filter((path) => !isThere(path))).toEqual([]);
  });

  test('link to the same pages and pictures', () => {
    const pages = (text: string): string[] => linksOf(text).map((link) => path.posix.basename(link));
    const inEnglish = (name: string): string => name.replace('.zh-CN', '');
    expect(pages(chinese).map(inEnglish).sort()).toEqual(pages(english).map(inEnglish).sort());
  });

  test.each([
    ['README.md', english],
    ['docs/README.zh-CN.md', chinese],
    ['src/addon/README.md', readFileSync('src/addon/README.md', 'utf8')],
    ['src/addon/README.zh-CN.md', readFileSync('src/addon/README.zh-CN.md', 'utf8')],
    ['docs/mqant.md', readFileSync('docs/mqant.md', 'utf8')],
  ])('link to files that are there: %s', (file, text) => {
    const links = linksOf(text);
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((link) => !existsSync(path.resolve(path.dirname(file), link)))).toEqual([]);
  });
});

describe('the READMEs of the add-on', () => {
  test('have the same code in both languages', () => {
    const [en = '', zh = ''] = ['README.md', 'README.zh-CN.md'].map((name) =>
      readFileSync(path.join('src/addon', name), 'utf8'),
    );
    const code = (text: string): string[] => blocks(text).map((block) => block.replace(/ *\/\/.*$/gm, ''));
    expect(code(zh)).toEqual(code(en));
    expect(code(en).length).toBeGreaterThanOrEqual(4);
  });
});
