import {rmSync} from 'node:fs';
import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {build} from 'esbuild';
import {fastInk} from '../../src/tui/term/fast-ink/esbuild-plugin.mjs';

/** What a test needs of Ink and of the React that this Ink runs on. */
export interface InkBundle {
  readonly renderToString: typeof import('ink').renderToString;
  readonly render: typeof import('ink').render;
  readonly Box: typeof import('ink').Box;
  readonly Text: typeof import('ink').Text;
  readonly createElement: typeof import('react').createElement;
}

/** Where this process's tests put what they build: below node_modules, so that packages are found from it. */
export const cacheFolder = path.resolve(`node_modules/.cache/gatectl-tests-${process.pid}`);
process.once('exit', () => rmSync(cacheFolder, {recursive: true, force: true}));

/** Ink as the program has it (`fast`) or as its package has it (`stock`), both with production React. */
export async function inkBundle(kind: 'fast' | 'stock'): Promise<InkBundle> {
  await mkdir(cacheFolder, {recursive: true});
  const entry = path.join(cacheFolder, `ink-${kind}.in.mjs`);
  const outfile = path.join(cacheFolder, `ink-${kind}.mjs`);
  await writeFile(
    entry,
    `export {renderToString, render, Box, Text} from 'ink'; export {createElement} from 'react';`,
  );
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: {
      js: "import {createRequire} from 'node:module'; const require = createRequire(import.meta.url);",
    },
    define: {'process.env.NODE_ENV': '"production"'},
    alias: {'react-devtools-core': 'data:text/javascript,export default {}'}, // not installed, and never asked for
    plugins: kind === 'fast' ? [fastInk] : [],
    logLevel: 'warning',
  });
  return (await import(pathToFileURL(outfile).href)) as InkBundle;
}
