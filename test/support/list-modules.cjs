'use strict';
// Loaded with --require: writes at the end which modules of Node were loaded since, and which files of the program were
// read, where GATECTL_TEST_MODULES says.
const fs = require('node:fs');
const path = require('node:path');

const files = [];
const {openSync} = fs;
fs.openSync = (file, ...options) => {
  if (String(file).endsWith('.cjs')) files.push(path.basename(String(file)));
  return openSync(file, ...options);
};
const before = new Set(process.moduleLoadList);
process.on('exit', () => {
  const since = process.moduleLoadList.filter(
    (name) => !before.has(name) && name.startsWith('NativeModule '),
  );
  const modules = since.map((name) => name.slice('NativeModule '.length));
  fs.writeFileSync(process.env.GATECTL_TEST_MODULES, JSON.stringify({modules, files}));
});
