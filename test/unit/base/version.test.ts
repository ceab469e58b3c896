import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {version} from '../../../src/base/version.js';

test('the version of the program is that of the package', () => {
  const manifest: unknown = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(manifest).toMatchObject({version});
});
