import {mkdirSync} from 'node:fs';
import path from 'node:path';
import {build} from 'esbuild';
import {fastInk} from '../../src/tui/term/fast-ink/esbuild-plugin.mjs';
import {cacheFolder} from './ink-bundles.js';
import {openScreen, type Screen, type ScreenOptions} from './screen.js';

const program = path.join(cacheFolder, 'tiny-screen.mjs');
let built: Promise<unknown> | undefined;

/** The path of the built program. */
export async function tinyScreenProgram(): Promise<string> {
  built ??= buildTinyScreen();
  await built;
  return program;
}

/** Starts `tiny-screen-program.tsx` in a terminal and waits for its first frame. */
export async function openTinyScreen(options: ScreenOptions = {}): Promise<Screen> {
  const screen = openScreen(process.execPath, ['--expose-gc', await tinyScreenProgram()], options);
  await screen.shows('ready');
  return screen;
}

async function buildTinyScreen(): Promise<void> {
  mkdirSync(cacheFolder, {recursive: true});
  await build({
    entryPoints: ['test/support/tiny-screen-program.tsx'],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // the packages in it are CommonJS in part
    banner: {
      js: "import {createRequire} from 'node:module'; const require = createRequire(import.meta.url);",
    },
    plugins: [fastInk],
    define: {'process.env.NODE_ENV': '"production"'},
    logLevel: 'warning',
  });
}
