import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {version} from '../../../src/base/version.js';

test("the program's version is the package's", () => {
  const manifest: unknown = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(manifest).toMatchObject({version});
});
