// Builds dist/: the program (dist/cli), its manual page, and the libraries for gates and modules (dist/lib).
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {basename, relative} from 'node:path';
import {fileURLToPath} from 'node:url';
import {build, transform} from 'esbuild';
import {notice, optionalPackages} from './bin/build/bundled-packages.mjs';
import {fastInk} from './src/tui/term/fast-ink/esbuild-plugin.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
};

/** Splits the program at each `import()`, so that a command loads only what it uses. esbuild splits ES modules only. */
async function splitProgram() {
  const {outputFiles, metafile} = await build({
    ...common,
    entryPoints: {main: 'src/main.ts'},
    outdir: 'dist/cli',
    outExtension: {'.js': '.cjs'},
    chunkNames: '[name]-[hash]',
    splitting: true,
    format: 'esm',
    mainFields: ['main', 'module'],
    external: optionalPackages,
    plugins: [fastInk],
    define: {'process.env.NODE_ENV': '"production"', 'import.meta.url': '__moduleUrl', __dirname: '""'},
    legalComments: 'linked',
    logOverride: {'empty-import-meta': 'silent'},
    write: false,
    metafile: true,
  });
  writeFileSync(`${root}dist/NOTICE`, notice(root, Object.keys(metafile.inputs)));
  return outputFiles.map(({path, text}) => ({
    name: basename(path),
    text,
    inputs: Object.keys(metafile.outputs[relative(root, path)].inputs),
  }));
}

/** Chunks of packages, and large ones of ours, stay files of their own. */
const isLight = ({text, inputs}) =>
  text.length < 128 * 1024 &&
  inputs.every((input) => !input.includes('node_modules/') || input.includes('node_modules/commander/'));

/** A chunk as CommonJS, as esbuild writes it. */
async function commonJs({text}) {
  const options = {
    format: 'cjs',
    platform: 'neutral',
    target: 'node20',
    supported: {'dynamic-import': false},
  };
  return (await transform(text, options)).code;
}

const esbuildExports =
  /^.*?\bvar stdin_exports = \{\};\n(?:__export\(stdin_exports, \{\n(.*?)^\}\);\n)?module\.exports = __toCommonJS\(stdin_exports\);\n/ms;

/**
 * One file with all light chunks, as functions by name that return their exports; src/launch.ts calls them. esbuild
 * would give each chunk helpers of its own and each export two getters, a tenth of the time of a short command. A
 * plain object is equal, because chunks never import each other in a circle and never reassign an export.
 */
async function packOf(chunks) {
  const functions = chunks.map(async (chunk) => {
    const code = await commonJs(chunk);
    const [head, exported = ''] = esbuildExports.exec(code) ?? [];
    if (head === undefined) throw new Error(`${chunk.name}: esbuild writes CommonJS in a new way`);
    // esbuild's own helpers are for packages, which call and extend what they require; the rest loads modules late
    const requires = chunk.inputs.length === 0 ? '_, require' : 'require';
    const body = code.slice(head.length).replaceAll(/\(0, import_\w+\.__require\)/g, 'require');
    const exports = exported.replaceAll('() => ', '');
    return `${JSON.stringify(chunk.name)}(${requires}) {${body}\nreturn {${exports}};}`;
  });
  const toEsm =
    'const __toESM = (module) => ("default" in module ? module : {__proto__: module, default: module});';
  return `(() => {${toEsm}\nreturn {${(await Promise.all(functions)).join(',\n')}}})()`;
}

/** A heavy chunk by itself, as such a function too. */
const fileOf = async (chunk) =>
  `(require, __moduleUrl) => {const module = {};\n${await commonJs(chunk)}\nreturn module.exports;}`;

/** Whitespace costs: a file is read as a whole, though V8 has it compiled. */
const smaller = async (code) => (await transform(code, {minifyWhitespace: true, lineLimit: 200})).code;

async function buildProgram(folder) {
  const files = await splitProgram();
  const chunks = files.filter(({name}) => name.endsWith('.cjs'));
  const write = (name, text) => writeFileSync(`${folder}/${name}`, text);
  write('pack.cjs', await smaller(await packOf(chunks.filter(isLight))));
  for (const chunk of chunks.filter((one) => !isLight(one)))
    write(chunk.name, await smaller(await fileOf(chunk)));
  for (const {name, text} of files.filter(({name}) => name.endsWith('.txt'))) write(name, text);
  await build({
    ...common,
    entryPoints: ['src/launch.ts'],
    outfile: `${folder}/launch.cjs`,
    format: 'cjs',
    define: {__commands: JSON.stringify(commands())},
  });
}

/** The words of every command, by which code caches are named. */
function commands() {
  const catalogue = readFileSync(`${root}src/cli/catalogue.ts`, 'utf8');
  return [...catalogue.matchAll(/^ {2}(?:read|write|destroy)\(\s*'(.+?)',/gm)].map(([, path]) => path);
}

/** The program prints the manual page itself, so the page is never older than the help. */
function writeManPage() {
  mkdirSync(`${root}dist/man`, {recursive: true});
  const page = execFileSync(process.execPath, [`${root}bin/gatectl.js`, '__man'], {env: {}});
  writeFileSync(`${root}dist/man/gatectl.1`, page);
}

/** Replaces a folder of dist at once: a program that starts meanwhile finds all old files or all new ones. */
async function rebuild(name, write) {
  const [fresh, old] = ['new', 'old'].map((age) => `${root}dist/${name}.${age}-${process.pid}`);
  mkdirSync(fresh, {recursive: true});
  await write(fresh);
  if (existsSync(`${root}dist/${name}`)) renameSync(`${root}dist/${name}`, old);
  renameSync(fresh, `${root}dist/${name}`);
  rmSync(old, {recursive: true, force: true});
}

await rebuild('cli', buildProgram);
writeManPage();
await rebuild('lib', (outdir) =>
  build({
    ...common,
    entryPoints: {gate: 'src/gate/index.ts', module: 'src/module/index.ts', session: 'src/session/index.ts'},
    outdir,
    splitting: true,
    format: 'esm',
    packages: 'external',
  }),
);
rmSync(`${root}dist/types`, {recursive: true, force: true}); // tsc writes them next
