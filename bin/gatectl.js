#!/usr/bin/env node
'use strict';
// Starts the bundled program. A CommonJS file and V8's code cache, because the ES module loader and compiling
// the bundle would each cost more than the rest of a short command (see docs/performance.md).
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const dist = path.join(__dirname, '..', 'dist', 'cli');
const scripts = new Map();
const modules = new Map();
let light; // the small pieces of the bundle that short commands need, all in one file
let rest; // the other small pieces, in another

function cacheFileOf(file) {
  return `${file}.${process.versions.v8}.${process.arch}.cache`;
}

function run(file, before, after) {
  const source = fs.readFileSync(file, 'latin1'); // the build writes ASCII only
  let cachedData;
  try {
    cachedData = fs.readFileSync(cacheFileOf(file));
  } catch {
    // no cache for this Node: V8 compiles as it goes
  }
  const script = new vm.Script(before + source + after, {filename: file, cachedData});
  scripts.set(file, script);
  return script.runInThisContext();
}

function restOf(name) {
  rest ??= run(path.join(dist, 'rest.cjs'), '', '');
  return rest[name];
}

function load(name) {
  const known = modules.get(name);
  if (known !== undefined) return known.exports;
  const module = {exports: {}};
  modules.set(name, module);
  const file = path.join(dist, name);
  const requireFrom = (other) => (other.startsWith('./') ? load(other.slice(2)) : require(other));
  const piece = light[name] === 'rest' ? restOf(name) : light[name];
  const call = piece ?? run(file, '(function (exports, require, module, __filename) {', '\n})');
  call.call(module.exports, module.exports, requireFrom, module, file);
  return module.exports;
}

let main;
try {
  light = run(path.join(dist, 'light.cjs'), '', '');
  ({main} = load('main.cjs'));
} catch (error) {
  if (error.code !== 'ENOENT') throw error;
  fs.writeSync(2, 'error: gatectl is not built\nhint: npm run build\n');
  process.exitCode = 70;
}

main?.(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});

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
