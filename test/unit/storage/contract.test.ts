import fc from 'fast-check';
import {afterEach, describe, expect, test} from 'vitest';
import {ConflictError} from '../../../src/errors.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {decodeSession} from '../../../src/session/session-codec.js';
import {fileNameOf, uidOfFile} from '../../../src/storage/file-names.js';
import {openStore} from '../../../src/storage/open-store.js';
import type {RecordStore} from '../../../src/storage/storage-handler.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

const session = (userId: string, room = 'mqant') =>
  newSession({userId, sessionId: 's1', settings: stringBag([['room', room]])});

const stores: readonly (readonly [string, (folder: string) => string])[] = [
  ['memory', () => 'memory:'],
  ['file', (folder) => `file:${folder}/store`],
];

describe.each(stores)('the %s store', (_, urlOf) => {
  const folders: TemporaryFolder[] = [];
  afterEach(async () => {
    for (const folder of folders.splice(0)) await folder.remove();
  });

  async function opened(): Promise<RecordStore> {
    const folder = await temporaryFolder();
    folders.push(folder);
    return openStore(urlOf(folder.path));
  }

  test('gives back what was stored last, and nothing for a uid that was not', async () => {
    const store = await opened();
    await store.store(session('u1', 'a'));
    await store.store(session('u1', 'b'));
    expect(decodeSession((await store.query('u1')) ?? new Uint8Array()).settings['room']).toBe('b');
    expect(await store.query('u2')).toBeUndefined();
    expect(await store.get('u2')).toBeUndefined();
  });

  test('keeps uids apart that differ in case, in dots, slashes, and in anything else', async () => {
    const store = await opened();
    const uids = ['a', 'A', 'ä', 'a.', '../a', 'a/b', 'a b', '%41', '玩家', '.', 'u\n1', '__proto__'];
    for (const uid of uids) await store.store(session(uid, `room of ${uid}`));
    for (const uid of uids) {
      expect(decodeSession((await store.query(uid)) ?? new Uint8Array()).userId).toBe(uid);
    }
    const {records} = await store.list('', 100);
    expect(records.map(({uid}) => uid).sort()).toEqual([...uids].sort());
  });

  test('lists in pages: each record once, also when others come and go', async () => {
    const store = await opened();
    for (let index = 10; index < 40; index += 1) await store.store(session(`u${index}`));
    const seen: string[] = [];
    let after = '';
    do {
      const {records, next} = await store.list(after, 7);
      seen.push(...records.map(({uid}) => uid));
      after = next;
      await store.delete('u39');
      await store.store(session('u05'));
    } while (after !== '');
    expect(seen).toEqual(Array.from({length: 29}, (_, index) => `u${index + 10}`));
  });

  test('deletes what is there, once, and refuses when it is not the revision that was seen', async () => {
    const store = await opened();
    await store.store(session('u1', 'a'));
    const seen = await store.get('u1');
    await store.store(session('u1', 'b'));
    await expect(store.delete('u1', seen?.revision)).rejects.toThrow(ConflictError);
    expect(await store.delete('u1', (await store.get('u1'))?.revision)).toBe(true);
    expect(await store.delete('u1')).toBe(false);
    expect(await store.query('u1')).toBeUndefined();
  });

  test('many writes of one uid at once leave one whole version', async () => {
    const store = await opened();
    const rooms = Array.from({length: 50}, (_, index) => `room ${index} ${'x'.repeat(index * 100)}`);
    await Promise.all(rooms.map((room) => store.store(session('u1', room))));
    const value = (await store.query('u1')) ?? new Uint8Array();
    expect(rooms).toContain(decodeSession(value).settings['room']);
    await store.close();
  });
});

describe('the name of a record file', () => {
  test('is another one for each uid, and gives the uid back', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme', minLength: 1, maxLength: 30}), (uid) => {
        const name = fileNameOf(uid);
        if (name === undefined) return;
        expect(uidOfFile(name)).toBe(uid);
        expect(name).toMatch(/^[a-z0-9_%-]+\.session$/);
      }),
    );
  });

  test.each(['README', 'a', '%zz.session', '%61.session', '.session', 'a.session.draft'])(
    '%s is none',
    (name) => {
      expect(uidOfFile(name)).toBeUndefined();
    },
  );

  test('a uid that is too long for a name is refused and named', async () => {
    await using folder = await temporaryFolder();
    const store = await openStore(`file:${folder.path}`);
    await expect(store.store(session('x'.repeat(300)))).rejects.toThrow('has no file name');
  });
});

describe('a store URL', () => {
  test.each(['', 'redis', 'mongo://x', 'file:', 'file://host/x'])('%j is refused', async (url) => {
    await expect(openStore(url)).rejects.toMatchObject({exitCode: 2});
  });
});
