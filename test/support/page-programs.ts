import {execFile} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {promisify} from 'node:util';
import {buildSync} from 'esbuild';

/** The published packages, by the files of this tree. */
const packages: Readonly<Record<string, string>> = {
  'gatectl/gate': 'src/gate/index.ts',
  'gatectl/module': 'src/module/index.ts',
  'gatectl/session': 'src/session/index.ts',
};

/** The TypeScript programs of a page, by the file name in their first line; those without one by their number. */
function programsIn(page: string): ReadonlyMap<string, string> {
  const sources = [...readFileSync(page, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(
    ([, source = '']) => source,
  );
  return new Map(
    sources.map((source, at) => [/^\/\/ (\S+\.ts)\n/.exec(source)?.[1] ?? `program-${at + 1}.ts`, source]),
  );
}

/** A folder below node_modules, from which packages are found. */
function programFolder(): Disposable & {readonly path: string} {
  const folder = mkdtempSync(path.resolve('node_modules', '.gatectl-page-'));
  return {path: folder, [Symbol.dispose]: () => rmSync(folder, {recursive: true})};
}

/** A program of a page, as a reader would compile and import it. */
export async function importProgram<Exports>(page: string, name: string): Promise<Exports> {
  using folder = programFolder();
  const source = programsIn(page).get(name);
  if (source === undefined) throw new Error(`${page} has no program ${name}`);
  const entry = path.join(folder.path, name);
  writeFileSync(entry, source);
  buildSync({
    entryPoints: [entry],
    outfile: `${entry}.mjs`,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    alias: Object.fromEntries(Object.entries(packages).map(([name, file]) => [name, path.resolve(file)])),
  });
  return (await import(pathToFileURL(`${entry}.mjs`).href)) as Exports;
}

/** What the compiler says of all programs of a page under strict options; empty when they are sound. */
export async function typeErrorsIn(page: string): Promise<string> {
  using folder = programFolder();
  mkdirSync(path.join(folder.path, 'programs'));
  for (const [name, source] of programsIn(page))
    writeFileSync(path.join(folder.path, 'programs', name), source);
  const paths = Object.fromEntries(
    Object.entries(packages).map(([name, file]) => [name, [path.resolve(file)]]),
  );
  const config = {
    extends: path.resolve('tsconfig.json'),
    compilerOptions: {paths, skipLibCheck: true, module: 'ESNext', moduleResolution: 'bundler'},
    include: ['programs'],
  };
  writeFileSync(path.join(folder.path, 'package.json'), '{"type": "module"}');
  writeFileSync(path.join(folder.path, 'tsconfig.json'), JSON.stringify(config));
  const compiler = path.resolve('node_modules/.bin/tsc');
  return await promisify(execFile)(compiler, ['-p', folder.path]).then(
    () => '',
    ({stdout, stderr}: {readonly stdout: string; readonly stderr: string}) => `${stdout}${stderr}`,
  );
}
