import {writeFile} from 'node:fs/promises';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {UsageError} from '../../../src/base/errors.js';
import {decodeSession, encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {openStore} from '../../../src/storage/open-store.js';
import type {RecordStore} from '../../../src/storage/storage-handler.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

const bytesOf = (uid: string, sessionId = `s-${uid}`): Buffer =>
  Buffer.from(encodeSession(newSession({userId: uid, sessionId, settings: stringBag([['level', '7']])})));

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder?.remove());

let files = 0;
async function opened(text: string | Buffer, query = ''): Promise<RecordStore> {
  files += 1;
  const file = `${folder.path}/${files}.json`;
  await writeFile(file, text);
  return await openStore(`jsonfile:${file}${query}`, {create: false});
}

async function listed(store: RecordStore, limit = 100) {
  const records = [];
  const unread = [];
  let after = '';
  do {
    const page = await store.list(after, limit);
    records.push(...page.records);
    unread.push(...(page.unread ?? []));
    after = page.next;
  } while (after !== '');
  return {records, unread};
}

describe('a JSON file of records', () => {
  test('is a list of SessionID, Serialize and ExpireTime', async () => {
    const soon = Date.now() + 600_000;
    const entry = (uid: string, ExpireTime?: unknown) => ({
      SessionID: `s-${uid}`,
      Serialize: bytesOf(uid).toString('base64'),
      ExpireTime,
    });
    const store = await opened(
      JSON.stringify(
        [
          entry('a', 0),
          entry('b', Math.floor(soon / 1000)),
          entry('c', soon),
          entry('d', new Date(soon).toISOString()),
          entry('e', '0001-01-01T00:00:00Z'),
          entry('f'),
          entry('g', soon * 1e6),
        ],
        null,
        2,
      ),
    );
    const {records, unread} = await listed(store, 2);
    expect(records.map(({uid}) => uid)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(records.map(({expiresAt}) => expiresAt && Math.round(expiresAt / 10_000))).toEqual(
      [0, soon, soon, soon, 0, undefined, soon].map((time) => time && Math.round(time / 10_000)),
    );
    expect(unread).toEqual([]);
    const record = await store.get('a');
    expect(decodeSession(record?.value ?? new Uint8Array())).toMatchObject({
      userId: 'a',
      settings: {level: '7'},
    });
    expect(await store.get('nobody')).toBeUndefined();
  });

  test.each([
    ['a map of base64', {u1: bytesOf('u1').toString('base64')}],
    ['a map of hex', {u1: bytesOf('u1').toString('hex')}],
    ['a map of sessions in JSON', {u1: {sessionId: 's-u1', userId: 'u1', settings: {level: '7'}}}],
    ['a map of JSON texts', {u1: '{"sessionId":"s-u1","userId":"u1","settings":{"level":"7"}}'}],
    ['one record', {uid: 'u1', value: bytesOf('u1').toString('base64')}],
    ['one session', {sessionId: 's-u1', userId: 'u1', settings: {level: '7'}}],
    ['a list of texts', [bytesOf('u1').toString('base64')]],
    [
      'a document of mongoexport',
      {_id: 'u1', Session: {$binary: {base64: bytesOf('u1').toString('base64'), subType: '00'}}},
    ],
  ])('is %s', async (_, document) => {
    const {records, unread} = await listed(await opened(JSON.stringify(document)));
    expect(unread).toEqual([]);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({uid: 'u1'});
    expect(records[0]).not.toHaveProperty('fault');
    expect(decodeSession(records[0]?.value ?? new Uint8Array())).toMatchObject({
      sessionId: 's-u1',
      settings: {level: '7'},
    });
  });

  test('has a record per line, like an export', async () => {
    const lines = [
      {uid: 'a', value: bytesOf('a').toString('base64'), expiresAt: null, expiresKnown: true},
      {b: bytesOf('b').toString('hex')},
      {summary: {version: 1, count: 2, complete: true}},
    ];
    const {records} = await listed(
      await opened(lines.map((line) => `${JSON.stringify(line)}\r\n`).join('\n')),
    );
    expect(records.map(({uid, expiresAt}) => [uid, expiresAt])).toEqual([
      ['a', 0],
      ['b', undefined],
    ]);
  });

  test('A2: reports entries that are not sessions, and hides no other record', async () => {
    const store = await opened(
      JSON.stringify({a: bytesOf('a').toString('base64'), b: 'no session', c: 42, d: null, e: []}),
    );
    const {records} = await listed(store);
    expect(records.map(({uid, fault}) => [uid, fault])).toEqual([
      ['a', undefined],
      ['b', 'cannot decode it as hex, base64 or JSON of a session'],
      ...['c', 'd', 'e'].map((uid) => [uid, 'cannot decode it: the entry has no session']),
    ]);
  });

  test('uses the entry of a uid that expires last, and reports the other', async () => {
    const entry = (sessionId: string, ExpireTime: number) => ({
      SessionID: sessionId,
      Serialize: bytesOf('a', sessionId).toString('base64'),
      ExpireTime,
    });
    const {records, unread} = await listed(
      await opened(JSON.stringify([entry('new', 2e9), entry('old', 1.9e9)])),
    );
    expect(records).toHaveLength(1);
    expect(decodeSession(records[0]?.value ?? new Uint8Array()).sessionId).toBe('new');
    expect(unread).toEqual([
      {uid: 'a', reason: 'refused', message: 'the file has another entry with the same uid'},
    ]);
  });

  test('uses the encoding of the URL', async () => {
    const {records} = await listed(
      await opened(JSON.stringify({a: bytesOf('a').toString('base64')}), '?encoding=hex'),
    );
    expect(records[0]?.fault).toContain('cannot decode it as hex');
  });

  test.each([
    ['[\n{"uid": "a"},\n{"uid": "b" "value": 1}\n]', 'line 3 is not JSON'],
    ['[\n{"uid": "a"},\n{"uid":', 'line 3 is not JSON'],
    ['{"a": "x"}\n{"b": "y"}\n{"c": "z\n{"d": "w"}\n', 'line 3 is not JSON'],
    ['{\n  "a": "x",\n  "b": \'y\'\n}', 'line 3 is not JSON'],
    ['{"a": "x",}', 'line 1 is not JSON'],
    ['hello', 'line 1 is not JSON'],
    ['42', 'expected a list or map of records'],
    [Buffer.from([0xff, 0xfe, 0]), 'it is not UTF-8'],
  ])('C9: %j is refused with the line', async (text, words) => {
    const failure = await opened(text).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageError);
    expect((failure as Error).message).toContain(words);
    expect((failure as Error).message).not.toContain('\n');
  });

  test('can be empty', async () =>
    expect(await listed(await opened(' \n'))).toEqual({records: [], unread: []}));

  test('is read-only', async () => {
    const store = await opened(JSON.stringify({a: bytesOf('a').toString('base64')}));
    const refused = expect.objectContaining({message: expect.stringContaining('is read-only')});
    await expect(store.put('a', bytesOf('a'))).rejects.toEqual(refused);
    await expect(store.delete('a')).rejects.toEqual(refused);
    await expect(store.touch('a', 'x')).rejects.toEqual(refused);
    expect(store.ability).toMatchObject({put: false, delete: false, expire: false});
  });

  test('is refused if it is missing, too large or a folder', async () => {
    await expect(openStore(`jsonfile:${folder.path}/none`)).rejects.toThrow('there is no file');
    await expect(openStore(`jsonfile:${folder.path}`)).rejects.toThrow('it is a folder');
    await expect(openStore('jsonfile:/dev/zero')).rejects.toThrow('it is larger than 64 MiB');
    await expect(openStore('jsonfile:')).rejects.toThrow('missing file in');
    await expect(openStore('jsonfile:x?ttl=1m')).rejects.toThrow('unknown parameter "ttl"');
  });
});
