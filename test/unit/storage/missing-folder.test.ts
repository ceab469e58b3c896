import {existsSync} from 'node:fs';
import {utimes, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {expect, test} from 'vitest';
import {openStore} from '../../../src/storage/open-store.js';
import {temporaryFolder} from '../../support/temp.js';

test('a file store is created for a gate only: a missing folder would look like an empty store', async () => {
  await using folder = await temporaryFolder();
  const missing = path.join(folder.path, 'sessions');
  await expect(openStore(`file:${missing}`, {create: false})).rejects.toThrow(
    `there is no folder "${missing}"`,
  );
  expect(existsSync(missing)).toBe(false);
  const store = await openStore(`file:${missing}`);
  await store.put('u1', Buffer.from('x'));
  const reader = await openStore(`file:${missing}`, {create: false});
  expect((await reader.get('u1'))?.value).toEqual(Buffer.from('x'));
});

test('opening a file store without create removes nothing', async () => {
  await using folder = await temporaryFolder();
  const draft = path.join(folder.path, 'u1.0123.draft');
  await writeFile(draft, '');
  await utimes(draft, 0, 0);
  await openStore(`file:${folder.path}`, {create: false});
  expect(existsSync(draft)).toBe(true);
});

test('a file is no folder', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'file');
  await writeFile(file, '');
  for (const create of [true, false])
    await expect(openStore(`file:${file}`, {create})).rejects.toThrow(`"${file}": it is not a folder`);
});
