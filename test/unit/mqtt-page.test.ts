import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';

const page = 'docs/reference/mqtt.md';
const text = readFileSync(page, 'utf8');
/** `[label](file "name of a test")`, with either quote. */
const links = [...text.matchAll(/\]\(([^)\s]+\.test\.ts) (["'])(.+?)\2\)/g)].map(
  ([, link = '', , name = '']) => ({
    file: path.posix.join(path.dirname(page), link),
    name,
  }),
);

const hasTest = (file: string, name: string): boolean => {
  const source = readFileSync(file, 'utf8');
  return [`'${name}'`, `"${name}"`, `\`${name}\``].some((literal) => source.includes(literal));
};

test('the MQTT page names only tests that exist', () => {
  expect(links.filter(({file, name}) => !existsSync(file) || !hasTest(file, name))).toEqual([]);
});

test('each clause in the tables of the MQTT page has a test', () => {
  const [clauses = ''] = text.split('## Wills');
  const rows = clauses
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (3\.1\.1|5) \|/.test(line));
  expect(rows.length).toBeGreaterThan(35);
  expect(rows.filter((row) => !row.includes('.test.ts '))).toEqual([]);
  expect(links.length).toBeGreaterThan(rows.length);
});
