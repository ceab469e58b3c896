import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {basename, relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build, transform} from 'esbuild';
import {fastInk} from './esbuild.ink.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));
const cli = `${root}dist/cli`;

/** Native helpers that their packages load when they are there, and do without when they are not. */
const optionalNative = ['bufferutil', 'utf-8-validate', 'msgpackr-extract'];

/** commander can run subcommands as programs of their own; nobody asks it to, and loading this costs 2 ms a start. */
const lazyChildProcess = {
  name: 'lazy child_process for commander',
  setup(build) {
    build.onResolve({filter: /^node:child_process$/}, ({importer}) =>
      importer.includes('/commander/') ? {path: 'child_process', namespace: 'lazy'} : undefined,
    );
    build.onLoad({filter: /.*/, namespace: 'lazy'}, () => ({
      contents: `exports.spawn = (...args) => require('child_process').spawn(...args);`,
    }));
  },
};

/** Pieces of ours up to this size are packed into one file, since each file costs a start some 0.2 ms. */
const lightBytes = 64 * 1024;

/** Packages that every command line needs; all others wait in files of their own until a command wants them. */
const isNeededAtOnce = (input) =>
  !input.includes('node_modules/') || input.includes('node_modules/commander/');

/**
 * The program: one entry split at each `import()`, so that a command pays for the rooms it opens. esbuild splits
 * ES modules only, so each piece is turned into CommonJS afterwards; bin/gatectl.js says why.
 */
async function buildProgram(outdir) {
  mkdirSync(outdir, {recursive: true});
  const pieces = new Map();
  const result = await build({
    absWorkingDir: root,
    entryPoints: {main: 'src/main.ts'},
    outdir,
    outExtension: {'.js': '.cjs'},
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['main', 'module'],
    external: optionalNative,
    plugins: [lazyChildProcess, fastInk],
    define: {'process.env.NODE_ENV': '"production"', 'import.meta.url': '__moduleUrl'},
    legalComments: 'linked',
    logLevel: 'warning',
    logOverride: {'empty-import-meta': 'silent'},
    write: false,
    metafile: true,
  });
  for (const file of result.outputFiles) {
    if (!file.path.endsWith('.cjs')) {
      writeFileSync(file.path, file.contents);
      continue;
    }
    const {code} = await transform(file.text, {
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      supported: {'dynamic-import': false},
    });
    const url = code.includes('__moduleUrl')
      ? 'var __moduleUrl = require("node:url").pathToFileURL(__filename).href;'
      : '';
    const {inputs} = result.metafile.outputs[relative(root, file.path)];
    const isLight = code.length <= lightBytes && Object.keys(inputs).every(isNeededAtOnce);
    pieces.set(basename(file.path), {code: url + code, isLight});
  }
  return pieces;
}

/** Writes the pieces: what a short command loads in one file, other light ones in a second, each heavy one by itself. */
function writePieces(outdir, pieces, isEarly) {
  const wrapped = (code) => `function (exports, require, module, __filename) {${code}\n}`;
  const pack = (some) => `({${some.map(([name, code]) => `${JSON.stringify(name)}: ${code}`).join(',\n')}})`;
  const early = [...pieces].filter(([name]) => isEarly(name)).map(([name, {code}]) => [name, wrapped(code)]);
  const late = [...pieces].filter(([name]) => !isEarly(name));
  const rest = late.filter(([, {isLight}]) => isLight).map(([name, {code}]) => [name, wrapped(code)]);
  writeFileSync(`${outdir}/light.cjs`, pack([...early, ...rest.map(([name]) => [name, '"rest"'])]));
  writeFileSync(`${outdir}/rest.cjs`, pack(rest));
  for (const [name, {code, isLight}] of late) if (!isLight) writeFileSync(`${outdir}/${name}`, code);
}

const someSession =
  '0a0f3132372e302e302e313a3536333434120374637022103566303038653462363937383064633342060a0161120131';
const shortCommands = [
  ['--version'],
  ['--help'],
  ['sessions', 'list', '--help'],
  ['decode', someSession],
  ['decode', someSession, '-o', 'json'],
];

/** The pieces that short commands load, by asking them. */
function earlyPieces() {
  const list = `${cli}/pieces.json`;
  const names = shortCommands.flatMap((args) => {
    execFileSync(process.execPath, [`${root}bin/gatectl.js`, ...args], {
      env: {...process.env, GATECTL_LIST_PIECES: list, NODE_OPTIONS: ''},
      stdio: 'ignore',
    });
    return JSON.parse(readFileSync(list, 'utf8'));
  });
  rmSync(list);
  return new Set(names);
}

/** The manual page comes from the program itself, so it is never older than its help. */
function writeManPage() {
  const page = execFileSync(process.execPath, [`${root}bin/gatectl.js`, '__man'], {
    env: {...process.env, NODE_OPTIONS: ''},
  });
  mkdirSync(`${root}dist/man`, {recursive: true});
  writeFileSync(`${root}dist/man/gatectl.1`, page);
}

/** The kits that programs import: plain ES modules with their packages left outside. */
async function buildLibraries() {
  await build({
    absWorkingDir: root,
    entryPoints: {gate: 'src/gate/index.ts', module: 'src/module/index.ts', session: 'src/session/index.ts'},
    outdir: 'dist/lib',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
}

/** Runs short commands once so that V8's code cache holds the functions that a start really calls. */
function warmCodeCache() {
  const env = {...process.env, GATECTL_WRITE_CODE_CACHE: '1', NODE_OPTIONS: ''};
  for (const args of [
    ['sessions', 'list', '--help'],
    ['sessions', 'list', '--server', 'nats://127.0.0.1:1'],
    ['decode', someSession],
  ]) {
    try {
      execFileSync(process.execPath, [`${root}bin/gatectl.js`, ...args], {env, stdio: 'ignore'});
    } catch {
      // a command that fails still leaves its cache; nothing depends on it
    }
  }
}

/**
 * The same for the dashboard, which wants a terminal: a pty, where node-pty is there. Without it the first frame comes
 * some 50 ms later. The files that short commands share stay as they are: what the dashboard calls in them is not theirs.
 */
async function warmDashboard() {
  const pty = await import('node-pty').catch(() => undefined);
  if (pty === undefined) return;
  const shared = readdirSync(cli).filter((name) => /^(?:light|rest)\.cjs\..*cache$/.test(name));
  const kept = shared.map((name) => readFileSync(`${cli}/${name}`));
  const home = mkdtempSync(`${tmpdir()}/gatectl-build-`);
  const {CI: _, NODE_OPTIONS: __, ...inherited} = process.env;
  const env = {
    ...inherited,
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_STATE_HOME: home,
    GATECTL_WRITE_CODE_CACHE: '1',
  };
  const demo = ['bin/gatectl.js', 'demo', '--embedded-bus', '--clients', '3'];
  const child = pty.spawn(process.execPath, demo, {name: 'xterm', cols: 120, rows: 30, cwd: root, env});
  const keys = ['2', '1', 'q'];
  child.onData((text) => {
    if (text.includes('?2026h') && keys.length > 0) child.write(keys.shift());
  });
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await new Promise((resolve) => child.onExit(resolve));
  clearTimeout(late);
  for (const [at, name] of shared.entries()) writeFileSync(`${cli}/${name}`, kept[at]);
  rmSync(home, {recursive: true, force: true});
}

/** Puts a finished build in place at once: a program that starts meanwhile finds the old one or the new one. */
function replaceFolder(from, to) {
  const old = `${to}.old-${process.pid}`;
  rmSync(old, {recursive: true, force: true});
  try {
    renameSync(to, old);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  renameSync(from, to);
  rmSync(old, {recursive: true, force: true});
}

const fresh = `${cli}.new-${process.pid}`;
const pieces = await buildProgram(fresh);
writePieces(fresh, pieces, () => true);
replaceFolder(fresh, cli);
const early = earlyPieces();
writePieces(cli, pieces, (name) => early.has(name));
writeManPage();
await buildLibraries();
warmCodeCache();
await warmDashboard();
const bytes = readdirSync(cli)
  .filter((name) => name.endsWith('.cjs'))
  .reduce((sum, name) => sum + readFileSync(`${cli}/${name}`).length, 0);
console.log(`built dist/cli (${Math.round(bytes / 1024)} KiB) and dist/lib`);
