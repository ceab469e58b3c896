'use strict';
// Loaded with --require: writes at the end which modules of Node were loaded since, where GATECTL_TEST_MODULES says.
const before = new Set(process.moduleLoadList);
process.on('exit', () => {
  const since = process.moduleLoadList.filter(
    (name) => !before.has(name) && name.startsWith('NativeModule '),
  );
  const names = since.map((name) => name.slice('NativeModule '.length));
  require('node:fs').writeFileSync(process.env.GATECTL_TEST_MODULES, JSON.stringify(names));
});
