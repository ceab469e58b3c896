import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {newSession} from '../../../src/session/session.js';
import {fileNameOf, uidOfFile} from '../../../src/storage/file/file-names.js';
import {keyOfUid, uidOfKey} from '../../../src/storage/key-value/bucket-keys.js';
import {openStore} from '../../../src/storage/open-store.js';
import {KeyTemplate} from '../../../src/storage/redis/key-template.js';
import {temporaryFolder} from '../../support/temp.js';

const session = (userId: string) => newSession({userId, sessionId: 's1'});

describe('the name of a record file', () => {
  test('is unique per uid and reversible', () => {
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
    'rejects %s',
    (name) => {
      expect(uidOfFile(name)).toBeUndefined();
    },
  );

  test('rejects a uid too long for a file name', async () => {
    await using folder = await temporaryFolder();
    const store = await openStore(`file:${folder.path}`);
    await expect(store.store(session('x'.repeat(300)))).rejects.toThrow('for the file store');
  });
});

describe('G07: a key of a bucket', () => {
  test('is unique per uid, reversible, and valid in JetStream', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme', minLength: 1, maxLength: 300}), (uid) => {
        const key = keyOfUid(uid);
        expect(uidOfKey(key)).toBe(uid);
        expect(key).toMatch(/^[A-Za-z0-9_=-]+$/);
      }),
    );
  });

  test.each(['a@b.c', 'user:1', '用户', '..', 'a.b', '*', '>', ' ', '$KV', '='])('%j', (uid) => {
    expect(uidOfKey(keyOfUid(uid))).toBe(uid);
  });

  test.each(['', '\ud800', 'x'.repeat(4000)])('rejects a uid without a valid key', (uid) => {
    expect(() => keyOfUid(uid)).toThrow(/uid/);
  });

  test.each(['a.b', '=zz', '=4', '=41', 'a/b', '=2e', '=FF'])("rejects %s, which is not gatectl's", (key) => {
    expect(uidOfKey(key)).toBeUndefined();
  });
});

describe('a key template of Redis', () => {
  const glob = new KeyTemplate('a*[b]?:{uid}\\x');

  test('creates keys, and finds the uid in them', () => {
    expect(glob.keyOf('u1')).toBe('a*[b]?:u1\\x');
    expect(glob.uidOf(Buffer.from('a*[b]?:用户\\x'))).toBe('用户');
    expect(glob.pattern).toBe('a\\*\\[b\\]\\?:*\\\\x');
    expect(glob.uidOf(Buffer.from([...Buffer.from('a*[b]?:'), 0xff, ...Buffer.from('\\x')]))).toBe(
      'bytes:ff',
    );
  });

  test.each(['session', '{uid}{uid}', ''])('rejects %j', (template) => {
    expect(() => new KeyTemplate(template)).toThrow('invalid key template');
  });
});

describe('a store URL', () => {
  test.each([
    '',
    'redis',
    'mongo://x',
    'file:',
    'file://host/x',
    'memory:?x=1',
    'memory:?ttl=forever',
    'redis://127.0.0.1?encoding=xml',
    'redis://127.0.0.1?key=none',
    'jetstream://x',
  ])('rejects %j', async (url) => {
    await expect(openStore(url)).rejects.toMatchObject({exitCode: 2});
  });
});
