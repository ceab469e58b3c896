import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {catalogue} from '../../src/cli/catalogue.js';

const read = (file: string): string => readFileSync(file, 'utf8');
const pages = [
  'README.md',
  'CHANGELOG.md',
  'src/addon/README.md',
  'src/addon/README.zh-CN.md',
  ...readdirSync('docs', {recursive: true, encoding: 'utf8'})
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.posix.join('docs', name)),
];

const withoutBlocks = (text: string): string => text.replaceAll(/^ *```.*?^ *```/gms, '');

/** Links of a page to files and headings: `docs/a.md#heading`, relative to the project. */
const linksOf = (page: string): readonly string[] =>
  [...withoutBlocks(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:/.test(link))
    .map((link) => (link.startsWith('#') ? `${page}${link}` : path.posix.join(path.dirname(page), link)));

/** Anchors of the headings of a page, as GitHub makes them. */
const anchorsOf = (page: string): readonly string[] =>
  [...withoutBlocks(read(page)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

test('the output reference names every command', () => {
  const named = new Set(
    [...read('docs/reference/output.md').matchAll(/`([a-z -]+)`/g)].map(([, code]) => code),
  );
  expect(catalogue.map((command) => command.path).filter((name) => !named.has(name))).toEqual([]);
});

test('the configuration reference names every variable that the program reads', () => {
  const sources = ['src', 'bin'].flatMap((folder) =>
    readdirSync(folder, {recursive: true, encoding: 'utf8'})
      .filter((name) => /\.[jt]sx?$/.test(name))
      .map((name) => path.join(folder, name)),
  );
  const names = sources.flatMap((file) => read(file).match(/\b(?:GATECTL|NATS|XDG)_[A-Z_]*[A-Z]\b/g) ?? []);
  const page = read('docs/reference/configuration.md');
  expect([...new Set(names)].filter((name) => !page.includes(`\`${name}\``)).sort()).toEqual([]);
});

test("the authors' guide has a row for each statement about sessions that a test checks", () => {
  const held = read('test/live/seed/session-document.test.ts').matchAll(/test\('(S\d\d) /g);
  const rows = read('docs/authors.md').matchAll(/^\| (S\d\d) \|/gm);
  const ids = (matches: Iterable<RegExpMatchArray>): string[] => [...matches].map(([, id = '']) => id);
  expect(ids(rows)).toEqual(ids(held));
});

describe.each(pages)('%s', (page) => {
  test('link to files and headings that exist', () => {
    const broken = linksOf(page).filter((link) => {
      const [file = '', anchor] = link.split('#');
      return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  test('has its commands in blocks that a test runs', () => {
    const written = read(page).replaceAll(/<!-- generated: .*?<!-- \/generated -->/gs, '');
    const blocks = [...written.matchAll(/^ *```(\w*)\n(.*?)^ *```/gms)];
    const others = blocks.filter(([, language]) => language !== 'console').map(([, , code = '']) => code);
    expect(others.filter((code) => /^ *(?:\$ )?gatectl /m.test(code))).toEqual([]);
  });

  test('names files and npm scripts that exist', () => {
    const codes = [...read(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
    const files = codes.filter((code) => /^(?:src|test|bin|docs)\/[\w./-]+\.\w+$/.test(code));
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
    const {scripts} = JSON.parse(read('package.json')) as {scripts: object};
    const run = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
    expect(run.filter((script) => !(script in scripts))).toEqual([]);
  });
});
