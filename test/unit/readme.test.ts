import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {catalogue} from '../../src/cli/catalogue.js';

const read = (file: string): string => readFileSync(file, 'utf8');

/** Blocks with their language, without remarks. */
const blocks = (text: string): string[] =>
  [...text.matchAll(/^ *```(\w*)\n(.*?)^ *```/gms)].map(
    ([, language, code = '']) => `${language}\n${withoutRemarks(code)}`,
  );
const withoutRemarks = (code: string): string => code.replaceAll(/ *\/\/ .*$| +# .*$/gm, '');

/** The texts between backticks, in tables too. */
const codes = (text: string): string[] =>
  [...text.replace(/^ *```.*?^ *```/gms, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

/** Rows of tables that have code or digits in their first cell. */
const rowsOf = (text: string): string[] =>
  (text.replace(/^ *```.*?^ *```/gms, '').match(/^\| .*$/gm) ?? []).filter((row) =>
    /[`\d]/.test(row.split('|')[1] ?? ''),
  );

/** The commands that a text names: `a b \| c` is `a b` and `a c`. */
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

/** Names of the pages and files that a text links to, without their language. */
const linksOf = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:/.test(link))
    .map((link) => path.posix.basename(link).replace('.zh-CN', ''));

const pairs = [
  ['README.md', 'docs/README.zh-CN.md'],
  ['docs/operators.md', 'docs/operators.zh-CN.md'],
  ['src/addon/README.md', 'src/addon/README.zh-CN.md'],
] as const;

describe.each(pairs)('%s and %s', (english, chinese) => {
  const [en, zh] = [read(english), read(chinese)];

  test('have the same blocks', () => {
    expect(blocks(zh)).toEqual(blocks(en));
    expect(blocks(en).length).toBeGreaterThanOrEqual(4);
  });

  test('have the same sections', () => {
    const levels = (text: string): string[] => text.match(/^#+(?= )/gm) ?? [];
    expect(levels(zh)).toEqual(levels(en));
  });

  test('have the same names and values in their tables', () => {
    const named = (text: string): string[][] => rowsOf(text).map((row) => codes(row).sort());
    expect(named(zh)).toEqual(named(en));
  });

  test('name the same commands, flags and settings', () => {
    const named = (text: string): string[] => [...new Set(codes(text))].sort();
    expect(named(zh)).toEqual(named(en));
  });

  test('link to the same pages and pictures', () => {
    expect(linksOf(zh).sort()).toEqual(linksOf(en).sort());
  });

  test.each([english, chinese])('name commands that exist: %s', (page) => {
    const known = new Set(catalogue.map((command) => command.path));
    const nouns = new Set([...known].map((name) => name.split(' ')[0]));
    const named = commandsIn(read(page));
    expect(named.length).toBeGreaterThan(0);
    const unknown = named.filter(
      (name) => !known.has(name) && !known.has(name.split(' ')[0] ?? '') && name !== 'help',
    );
    expect(unknown.filter((name) => !(nouns.has(name) && !name.includes(' ')))).toEqual([]);
  });
});

describe('README', () => {
  const readme = read('README.md');

  test('has the same tables as the guide', () => {
    expect(rowsOf(readme).length).toBeGreaterThanOrEqual(10);
    expect(rowsOf(read('docs/operators.md')).length).toBeGreaterThan(60);
  });

  test('has one command to try the program and one to test it', () => {
    for (const [title, command] of [
      ['Try it', 'npm ci && node bin/gatectl.js demo'],
      ['Test it', 'npm ci && npm test'],
    ]) {
      const [, section = ''] = readme.split(new RegExp(`^## ${title}$`, 'm'));
      expect(blocks(section.split(/^## /m)[0] ?? '').filter((block) => block.startsWith('sh\n'))).toEqual([
        `sh\n${command}\n`,
      ]);
    }
  });

  test('has every command in its table or in the reference', () => {
    const reference = 'docs/reference/commands.md';
    const headings = [...read(reference).matchAll(/^#+ gatectl (.+)$/gm)].map(([, name = '']) => name);
    const named = [...commandsIn(rowsOf(readme).join('\n')), ...headings];
    const isThere = (name: string): boolean =>
      named.some((one) => one === name || one.startsWith(`${name} `));
    expect(catalogue.map((command) => command.path).filter((name) => !isThere(name))).toEqual([]);
  });
});
