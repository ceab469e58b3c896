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

function cacheFileOf(file) {
  return `${file}.${process.versions.v8}.${process.arch}.cache`;
}

function compile(file) {
  const source = fs.readFileSync(file, 'latin1'); // the build writes ASCII only
  let cachedData;
  try {
    cachedData = fs.readFileSync(cacheFileOf(file));
  } catch {
    // no cache for this Node: V8 compiles as it goes
  }
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${source}\n})`;
  const script = new vm.Script(wrapped, {filename: file, cachedData});
  scripts.set(file, script);
  return script.runInThisContext();
}

function load(file) {
  const known = modules.get(file);
  if (known !== undefined) return known.exports;
  const module = {exports: {}};
  modules.set(file, module);
  const requireFrom = (name) => (name.startsWith('./') ? load(path.join(dist, name)) : require(name));
  compile(file).call(module.exports, module.exports, requireFrom, module, file, dist);
  return module.exports;
}

let main;
try {
  ({main} = load(path.join(dist, 'main.cjs')));
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
