import {execFileSync} from 'node:child_process';
import {readdirSync, statSync} from 'node:fs';

const inputs = ['src', 'esbuild.config.mjs', 'package.json', 'package-lock.json'];
const outputs = ['dist/cli/pack.cjs', 'dist/man/gatectl.1', 'dist/lib/session.js'];

/** Builds the program that process-level tests run, unless it is newer than all that it is made of. */
export default function setup(): void {
  if (process.env['GATECTL_NO_BUILD'] === '1' || oldest(outputs) > newest(inputs)) return;
  execFileSync(process.execPath, ['esbuild.config.mjs'], {stdio: 'inherit'});
}

function oldest(files: readonly string[]): number {
  return Math.min(...files.map((file) => statSync(file, {throwIfNoEntry: false})?.mtimeMs ?? 0));
}

/** Folders count too: they change when a file in them is added, removed or renamed. */
function newest(paths: readonly string[]): number {
  return Math.max(
    ...paths.map((path) => {
      const stats = statSync(path);
      const inside = stats.isDirectory() ? readdirSync(path).map((name) => `${path}/${name}`) : [];
      return Math.max(stats.mtimeMs, newest(inside));
    }),
  );
}
