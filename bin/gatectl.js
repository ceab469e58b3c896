#!/usr/bin/env node
'use strict';
// Starts the bundled program. A CommonJS file and V8's code cache, because the ES module loader and compiling
// the bundle would each cost more than the rest of a short command (see docs/performance.md).
const fs = require('node:fs');
const vm = require('node:vm');

const dist = `${__dirname}/../dist/cli`;
const scripts = new Map();
const modules = new Map();
const packs = new Map();
let first; // the pieces that every command line needs, and of other small ones the name of the file that has them

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

function pieceOf(name) {
  const piece = first[name];
  if (piece === undefined) return run(`${dist}/${name}`);
  if (typeof piece !== 'string') return piece;
  if (!packs.has(piece)) packs.set(piece, run(`${dist}/${piece}`)(require));
  return packs.get(piece)[name];
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
  first = run(`${dist}/first.cjs`)(require);
  ({main} = load('main.cjs'));
} catch (error) {
  if (error.code !== 'ENOENT') throw error;
  fs.writeSync(2, 'error: gatectl is not built\nhint: npm run build\n');
  process.exitCode = 70;
}

main?.(process.argv.slice(2));

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
