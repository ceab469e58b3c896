import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {generated, generatedPages} from '../docs/generate.js';

test.each(generatedPages)('%s is what `npm run docs` writes', async (page) => {
  expect(await generated(page)).toBe(readFileSync(page, 'utf8'));
});
