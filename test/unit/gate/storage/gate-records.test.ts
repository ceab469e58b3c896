import {expect, test} from 'vitest';
import {GateRecords} from '../../../../src/gate/storage/gate-records.js';
import {encodeSession} from '../../../../src/session/codec/session-protobuf.js';
import type {RecordPage, StoredRecord, UnreadRecord} from '../../../../src/session/gate-api.js';
import {newSession} from '../../../../src/session/session.js';
import {MemoryStore} from '../../../../src/storage/memory-store.js';
import type {StorageHandler} from '../../../../src/storage/storage-handler.js';

const value = encodeSession(newSession({userId: 'u1'}));

test('A7: reports an unknown expiry for a handler that returns bytes only', async () => {
  const handler: StorageHandler = {
    store: async () => {},
    delete: async () => true,
    query: async () => value,
    heartbeat: async () => {},
  };
  expect(await new GateRecords(handler, 1000).get('u1')).toEqual({
    uid: 'u1',
    value,
    revision: '',
    expiresAt: undefined,
  });
});

/** A store with these records and those that it could not read. */
class SomeStore extends MemoryStore {
  constructor(private readonly page: RecordPage) {
    super();
  }

  override async list(): Promise<RecordPage> {
    return this.page;
  }

  override async get(uid: string): Promise<StoredRecord | undefined> {
    return this.page.records.find((record) => record.uid === uid);
  }
}

async function walk(gate: GateRecords) {
  const read: string[] = [];
  const unread: UnreadRecord[] = [];
  for (let after = '', pages = 0; ; pages += 1) {
    const page = await gate.list({after});
    read.push(...page.records.map(({uid}) => uid));
    unread.push(...(page.unread ?? []));
    after = page.next;
    if (after === '') return {read, unread, pages: pages + 1};
  }
}

test('A2: names each unread record once, whatever fits into a page', async () => {
  const record = (uid: string, bytes = 200): StoredRecord => ({
    uid,
    value: Buffer.alloc(bytes),
    revision: '1',
    expiresAt: 0,
  });
  const denied = (uid: string): UnreadRecord => ({
    uid,
    reason: 'not-permitted',
    message: 'NOPERM'.repeat(20),
  });
  const records = [record('a'), record('large', 5000), record('b'), record('c')];
  const unread = [denied('x'), denied('y'), denied('z')];
  const gate = new GateRecords(new SomeStore({records, unread, next: ''}), 800);
  const {read, unread: found, pages} = await walk(gate);
  expect(read).toEqual(['a', 'b', 'c']);
  expect(found.map(({uid, reason}) => [uid, reason])).toEqual([
    ['x', 'not-permitted'],
    ['y', 'not-permitted'],
    ['z', 'not-permitted'],
    ['large', 'too-large'],
  ]);
  expect(pages).toBeGreaterThan(2);
});

test('A2: reports a record too large for a page as an error', async () => {
  const large = {uid: 'u', value: Buffer.alloc(5000), revision: '1', expiresAt: 0};
  const gate = new GateRecords(new SomeStore({records: [large], next: ''}), 1000);
  await expect(gate.get('u')).rejects.toThrow('5000 bytes, larger than max_payload allows');
});
