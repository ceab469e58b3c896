#!/usr/bin/env node
'use strict';
// Starts the bundled program. CommonJS, because Node's loader of ES modules costs a quarter of a bare start.
const fs = require('node:fs');

const argv = process.argv.slice(2);

/** `--version`, `-V` or `-v` alone needs nothing of the program. If it can't be written, the program reports why. */
function printVersion() {
  if (argv.length !== 1 || !['--version', '-V', '-v'].includes(argv[0])) return false;
  try {
    fs.writeSync(1, `${require('../package.json').version}\n`);
    return true;
  } catch {
    return false;
  }
}

if (fs.existsSync(`${__dirname}/../dist/cli/launch.cjs`)) {
  if (!printVersion()) require('../dist/cli/launch.cjs').launch(argv, require);
} else {
  fs.writeSync(2, 'error: gatectl is not built\nhint: npm run build\n');
  process.exitCode = 70;
}
