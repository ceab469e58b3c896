import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, test} from 'vitest';

/** Names that two files may export, each with its reason. */
const mayBeTwice: Readonly<Record<string, string>> = {};

const codeIn = (folder: string): string[] =>
  readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .filter((name) => /\.(?:tsx?|mjs)$/.test(name))
    .map((name) => path.join(folder, name));

const sources = codeIn('src').filter((file) => !file.endsWith('.mjs'));
const texts = new Map(
  [...codeIn('src'), ...codeIn('test')].map((file) => [
    file,
    readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, ''),
  ]),
);
/** What a file declares and exports; names that it only passes on are not among them. */
function exportsOf(file: string): readonly string[] {
  const declaration =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm;
  return [...(texts.get(file) ?? '').matchAll(declaration)].map(([, name = '']) => name);
}

test('no name is exported from two files', () => {
  const files = new Map<string, Set<string>>();
  for (const file of sources)
    for (const name of exportsOf(file)) files.set(name, (files.get(name) ?? new Set()).add(file));
  expect(files.size).toBeGreaterThan(1000);
  const twice = [...files].filter(([, from]) => from.size > 1).map(([name]) => name);
  expect(twice.sort()).toEqual(Object.keys(mayBeTwice).sort());
});
