import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {expect, test} from 'vitest';
import {fillFromDevice, fillRandom, randomHex} from '../../../src/base/random.js';
import {temporaryFolder} from '../../support/temp.js';

test('names have the requested length and are unique', () => {
  const names = Array.from({length: 1000}, () => randomHex(12));
  for (const name of names) expect(name).toMatch(/^[0-9a-f]{24}$/);
  expect(new Set(names).size).toBe(names.length);
});

test('fills all bytes of any number', () => {
  for (const size of [0, 1, 4096, 1 << 20]) {
    const bytes = fillRandom(new Uint8Array(size));
    expect(bytes.length).toBe(size);
    const kinds = new Set(bytes);
    if (size >= 4096) expect(kinds.size).toBe(256); // of 4096 bytes a value is missing once in 40,000 times at most
  }
});

test('accepts only a device that returns enough bytes, not a file, an empty device or a missing one', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'urandom');
  await writeFile(file, Buffer.alloc(64, 7));
  const bytes = new Uint8Array(16);
  expect(fillFromDevice(bytes, file)).toBe(false);
  expect(fillFromDevice(bytes, '/dev/null')).toBe(false);
  expect(fillFromDevice(bytes, path.join(folder.path, 'absent'))).toBe(false);
  expect(bytes).toEqual(new Uint8Array(16));
});
