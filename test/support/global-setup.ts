import {execFileSync} from 'node:child_process';

/** The built program is what the process-level tests run, so it is built once before any of them. */
export default function setup(): void {
  if (process.env['GATECTL_NO_BUILD'] === '1') return;
  execFileSync(process.execPath, ['esbuild.config.mjs'], {stdio: 'inherit'});
}
