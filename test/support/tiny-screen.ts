import {mkdirSync} from 'node:fs';
import path from 'node:path';
import {build} from 'esbuild';
import {openScreen, type Screen, type ScreenOptions} from './screen.js';

const folder = path.resolve('node_modules/.cache/gatectl-tests');
const program = path.join(folder, `tiny-screen-${process.pid}.mjs`);
let built: Promise<unknown> | undefined;

/** Starts `tiny-screen-program.tsx` in a terminal and waits for its first frame. */
export async function openTinyScreen(options: ScreenOptions = {}): Promise<Screen> {
  built ??= buildTinyScreen();
  await built;
  const screen = openScreen(process.execPath, ['--expose-gc', program], options);
  await screen.shows('ready');
  return screen;
}

async function buildTinyScreen(): Promise<void> {
  mkdirSync(folder, {recursive: true});
  await build({
    entryPoints: ['test/support/tiny-screen-program.tsx'],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    define: {'process.env.NODE_ENV': '"production"'},
    logLevel: 'warning',
  });
}
