// Bundles a program of the tests written in TypeScript and runs it: node test/bench/run.mjs <name> [arguments]
// A name with a slash is a path below test; others are benchmarks.
import {mkdtempSync, rmSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {buildSync} from 'esbuild';

const [name] = process.argv.splice(2, 1);
const folder = mkdtempSync(path.resolve('node_modules', '.gatectl-bench-')); // packages are found from here
try {
  const outfile = path.join(folder, `${path.basename(name)}.mjs`);
  const entryPoints = [path.join('test', name.includes('/') ? '' : 'bench', `${name}.ts`)];
  buildSync({
    entryPoints,
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
  });
  await import(pathToFileURL(outfile).href);
} finally {
  rmSync(folder, {recursive: true, force: true});
}
