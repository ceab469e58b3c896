#!/usr/bin/env node
'use strict';
// Starts the bundled program. A CommonJS file and V8's code cache, because the ES module loader and compiling
// the bundle would each cost more than the rest of a short command (see docs/performance.md).
const fs = require('node:fs');
const vm = require('node:vm');

const dist = `${__dirname}/../dist/cli`;
const argv = process.argv.slice(2);
/** Lines that have all their pieces in one file, named by their words. Guessing wrong costs time and nothing else. */
const ownLines = [['--version'], ['--help'], ['decode'], ['sessions', 'get'], ['sessions', 'list']];
const own = ownLines
  .find((words) => words.every((word) => argv.includes(word)))
  ?.join('-')
  .replace('--', '');
const scripts = new Map();
const modules = new Map();
const packs = new Map();

function cacheFileOf(file) {
  return `${file}.${process.versions.v8}.${process.arch}.cache`;
}

function run(file) {
  const source = fs.readFileSync(file, 'latin1'); // the build writes ASCII only
  let cachedData;
  try {
    cachedData = fs.readFileSync(cacheFileOf(file));
  } catch {
    // no cache for this Node: V8 compiles as it goes
  }
  const script = new vm.Script(source, {filename: file, cachedData});
  scripts.set(file, script);
  return script.runInThisContext();
}

function packed(file) {
  if (!packs.has(file)) packs.set(file, run(`${dist}/${file}`)(require));
  return packs.get(file);
}

/** From the line's own file, from the first, which has what most lines need, or from where that says. */
function pieceOf(name) {
  const mine = own === undefined ? undefined : packed(`${own}.cjs`)[name];
  const piece = mine ?? packed('first.cjs')[name];
  if (piece === undefined) return run(`${dist}/${name}`);
  return typeof piece === 'string' ? packed(piece)[name] : piece;
}

function load(name) {
  const known = modules.get(name);
  if (known !== undefined) return known.exports;
  const module = {exports: {}};
  modules.set(name, module);
  const requireFrom = (other) => (other.startsWith('./') ? load(other.slice(2)) : require(other));
  pieceOf(name).call(module.exports, module.exports, requireFrom, module, `${dist}/${name}`);
  return module.exports;
}

let main;
try {
  ({main} = load('main.cjs'));
} catch (error) {
  if (error.code !== 'ENOENT') throw error;
  fs.writeSync(2, 'error: gatectl is not built\nhint: npm run build\n');
  process.exitCode = 70;
}

main?.(argv);

if (process.env.GATECTL_WRITE_CODE_CACHE === '1') {
  process.once('exit', () => {
    for (const [file, script] of scripts) fs.writeFileSync(cacheFileOf(file), script.createCachedData());
  });
}

// the build asks which pieces a short command loads
if (process.env.GATECTL_LIST_PIECES) {
  process.once('exit', () =>
    fs.writeFileSync(process.env.GATECTL_LIST_PIECES, JSON.stringify([...modules.keys()])),
  );
}
