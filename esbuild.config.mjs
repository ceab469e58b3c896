import {execFileSync, spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {connect} from 'node:net';
import {tmpdir} from 'node:os';
import {basename, relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build, transform} from 'esbuild';
import {fastInk} from './esbuild.ink.mjs';
import {helpers, plainPiece} from './esbuild.pieces.mjs';

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

/** Pieces of ours up to this size are packed into shared files, since each file costs a start some 0.2 ms. */
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
    const {inputs} = result.metafile.outputs[relative(root, file.path)];
    const isOurs = Object.keys(inputs).every(isNeededAtOnce);
    const {code: plain} = await transform(file.text, {
      format: 'cjs',
      platform: 'neutral', // without the names that only ES modules look for
      target: 'node20',
      supported: {'dynamic-import': false},
    });
    const {code} = await transform(isOurs ? plainPiece(plain) : plain, {
      minifyWhitespace: true, // reading the text costs, though V8 has it compiled
      lineLimit: 200,
    });
    const url = code.includes('__moduleUrl')
      ? 'var __moduleUrl = require("node:url").pathToFileURL(__filename).href;'
      : '';
    const isLight = isOurs && code.length <= lightBytes;
    pieces.set(basename(file.path), {code: (isOurs && !isLight ? helpers : '') + url + code, isLight});
  }
  return pieces;
}

const wrapped = (code) => `(function (exports, require, module, __filename) {${code}\n})`;
const packOf = (entries) =>
  `(function (require) {${helpers}return {${entries.map(([name, code]) => `${JSON.stringify(name)}: ${code}`).join(',\n')}}})`;

/**
 * Writes the pieces: packs of light ones, each heavy one by itself. The first pack says of every other light one where it is,
 * and is written last, so that what it names is there. What a line has to itself is there once more.
 */
function writePieces(outdir, pieces, {first, others, own}) {
  const codes = (names) => names.map((name) => [name, wrapped(pieces.get(name).code)]);
  for (const [name, {code, isLight}] of pieces)
    if (!isLight) writeFileSync(`${outdir}/${name}`, wrapped(code));
  for (const [file, names] of Object.entries({...others, ...own}))
    writeFileSync(`${outdir}/${file}`, packOf(codes(names)));
  const where = Object.entries(others).flatMap(([file, names]) =>
    names.map((name) => [name, JSON.stringify(file)]),
  );
  writeFileSync(`${outdir}/first.cjs`, packOf([...codes(first), ...where]));
}

const someSession =
  '0a0f3132372e302e302e313a3536333434120374637022103566303038653462363937383064633342060a0161120131';
const decodeLines = [
  ['decode', someSession],
  ['decode', someSession, '-o', 'json'],
];

/** Questions to a gate: they reach it once the cluster is up, and fail after they have loaded most of what they need if it is not. */
function askLines({server, session}) {
  const bus = ['--server', server];
  const gate = ['--registry', 'static:Gate@a1=mqant.gate.Gate.a1'];
  return {
    get: [
      ['sessions', 'get', session, ...bus],
      ['sessions', 'get', `Gate@a1/${session}`, ...bus, ...gate],
    ],
    list: [['sessions', 'list', ...bus]],
    others: [
      ['sessions', 'find', 'nobody', ...bus],
      ['sessions', 'count', ...bus],
    ],
  };
}

/** Runs a command line; one that fails has loaded its pieces and leaves its cache too, and nothing depends on it. */
async function run(args, env) {
  const child = spawn(process.execPath, [`${root}bin/gatectl.js`, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return (await child.stdout.setEncoding('utf8').toArray()).join('');
}

/** The pieces that command lines load, by asking them. */
async function piecesOf(lines, env) {
  const loaded = lines.map(async (args, at) => {
    const list = `${mkdtempSync(`${env.HOME}/pieces-`)}/${at}.json`;
    await run(args, {...env, GATECTL_LIST_PIECES: list});
    return JSON.parse(readFileSync(list, 'utf8'));
  });
  return new Set((await Promise.all(loaded)).flat());
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

/** The environment of a program that knows nothing of whoever builds it. */
function strangerIn(home) {
  const {CI: _, NODE_OPTIONS: __, ...inherited} = process.env;
  const own = Object.entries(inherited).filter(([name]) => !/^(?:GATECTL|NATS)_/.test(name));
  return {...Object.fromEntries(own), HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home};
}

/**
 * Runs `use` beside a cluster of the program just built with one client on its gate, so that commands have somebody to ask.
 * Where that cannot be had, they ask a port where nobody listens: the program is the same and starts a little later.
 */
async function besideCluster(env, use) {
  const args = [`${root}bin/gatectl.js`, 'dev', '--gates', '1', '--embedded-bus'];
  const cluster = spawn(process.execPath, args, {env, stdio: ['ignore', 'pipe', 'ignore']});
  const ended = new Promise((resolve) => cluster.once('close', resolve));
  try {
    await use(await clientOf(cluster, env));
  } finally {
    cluster.kill('SIGTERM');
    const late = setTimeout(() => cluster.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(late);
  }
}

/** MQTT's CONNECT by a client named "b", who keeps quiet for as long as it likes. */
const connectPacket = Buffer.from('100d00044d51545404020000000162', 'hex');

async function clientOf(cluster, env) {
  const nobody = {server: 'nats://127.0.0.1:1', session: '0000000000000000'};
  const told = await new Promise((resolve) => {
    let text = '';
    cluster.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('is selected')) resolve(text);
    });
    cluster.once('close', () => resolve(text));
    setTimeout(() => resolve(text), 10_000).unref();
  });
  const [, server] = /^NATS\s+(\S+)/m.exec(told) ?? [];
  const [, port] = /mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(told) ?? [];
  if (server === undefined || port === undefined) {
    console.warn(`no cluster to ask: commands start some milliseconds later for it\n${told}`);
    return nobody;
  }
  const client = connect(Number(port), '127.0.0.1')
    .on('error', () => {})
    .unref();
  client.write(connectPacket);
  await new Promise((resolve) => client.once('data', resolve).once('close', resolve));
  const reference = await run(['sessions', 'list', '--server', server, '-o', 'ids'], env);
  return {server, session: reference.trim().split('/').at(-1) || nobody.session};
}

/**
 * The same for the dashboard, which wants a terminal: a pty, where node-pty is there. Without it the first frame comes
 * some 50 ms later. The files that short commands share stay as they are: what the dashboard calls in them is not theirs.
 */
async function warmDashboard(home) {
  const pty = await import('@lydell/node-pty').catch(() => undefined);
  if (pty === undefined) return;
  const shared = readdirSync(cli).filter((name) => /^(?:first|ask)\.cjs\..*cache$/.test(name));
  const kept = shared.map((name) => readFileSync(`${cli}/${name}`));
  const env = {...strangerIn(home), GATECTL_WRITE_CODE_CACHE: '1'};
  const demo = ['bin/gatectl.js', 'demo', '--embedded-bus', '--clients', '3'];
  const child = pty.spawn(process.execPath, demo, {name: 'xterm', cols: 120, rows: 30, cwd: root, env});
  const keys = ['2', '/', 'i', '\u001b', '1', 'q'];
  child.onData((text) => {
    if (text.includes('?2026h') && keys.length > 0) child.write(keys.shift());
  });
  const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await new Promise((resolve) => child.onExit(resolve));
  clearTimeout(late);
  for (const [at, name] of shared.entries()) writeFileSync(`${cli}/${name}`, kept[at]);
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

/** Packs the pieces by who loads them, and has V8's code cache written by command lines that do what operators do. */
async function pack(pieces, env) {
  const isLight = (name) => pieces.get(name).isLight;
  await besideCluster(env, async (somebody) => {
    const {get, list, others} = askLines(somebody);
    const [ofVersion, ofHelp, ofDecode, ofGet, ofList, ofOthers] = await Promise.all(
      [[['--version']], [['--help']], decodeLines, get, list, others].map((lines) => piecesOf(lines, env)),
    );
    const first = new Set([...ofHelp, ...ofDecode]);
    const ask = new Set([...ofGet, ...ofList, ...ofOthers]);
    const light = [...pieces.keys()].filter(isLight);
    writePieces(cli, pieces, {
      first: light.filter((name) => first.has(name)),
      others: {
        'ask.cjs': light.filter((name) => ask.has(name) && !first.has(name)),
        'rest.cjs': light.filter((name) => !ask.has(name) && !first.has(name)),
      },
      own: {
        'version.cjs': [...ofVersion].filter(isLight),
        'help.cjs': [...ofHelp].filter(isLight),
        'decode.cjs': [...ofDecode].filter(isLight),
        'sessions-get.cjs': [...ofGet].filter(isLight),
        'sessions-list.cjs': [...ofList].filter(isLight),
      },
    });
    const lines = [['--version'], ['--help'], ['help'], ...decodeLines, ...get, ...list, ...others];
    for (const args of lines) await run(args, {...env, GATECTL_WRITE_CODE_CACHE: '1'});
  });
}

const fresh = `${cli}.new-${process.pid}`;
const home = mkdtempSync(`${tmpdir()}/gatectl-build-`);
const pieces = await buildProgram(fresh);
const light = [...pieces.keys()].filter((name) => pieces.get(name).isLight);
const unknownYet = {
  'version.cjs': [],
  'help.cjs': [],
  'decode.cjs': [],
  'sessions-get.cjs': [],
  'sessions-list.cjs': [],
};
writePieces(fresh, pieces, {first: light, others: {}, own: unknownYet});
replaceFolder(fresh, cli);
await pack(pieces, strangerIn(home));
writeManPage();
await buildLibraries();
await warmDashboard(home);
rmSync(home, {recursive: true, force: true});
const bytes = readdirSync(cli)
  .filter((name) => name.endsWith('.cjs'))
  .reduce((sum, name) => sum + readFileSync(`${cli}/${name}`).length, 0);
console.log(`built dist/cli (${Math.round(bytes / 1024)} KiB) and dist/lib`);
