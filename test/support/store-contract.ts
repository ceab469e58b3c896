import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {ConflictError} from '../../src/base/errors.js';
import {decodeSession, encodeSession} from '../../src/session/codec/session-protobuf.js';
import {newSession, type Session, stringBag} from '../../src/session/session.js';
import type {RecordStore} from '../../src/storage/storage-handler.js';
import {until} from './poll.js';

export interface ContractStore extends AsyncDisposable {
  /** A client of its own on a store that others have open too; `ttl` as in a URL. */
  open(ttl?: string): Promise<RecordStore>;
  /** Records that name no time expire all the same, as by a TTL index. */
  readonly expiresAnyway?: boolean;
}

const aSession = (userId: string, room = 'mqant', sessionId = 's1'): Session =>
  newSession({userId, sessionId, settings: stringBag([['room', room]])});
const bytesOf = (...from: Parameters<typeof aSession>): Uint8Array => encodeSession(aSession(...from));
const roomOf = (value: Uint8Array | undefined): string | undefined =>
  value && decodeSession(value).settings['room'];

async function uidsIn(store: RecordStore, limit: number): Promise<string[]> {
  const uids: string[] = [];
  let after = '';
  do {
    const {records, next} = await store.list(after, limit);
    uids.push(...records.map(({uid}) => uid));
    after = next;
  } while (after !== '');
  return uids;
}

/** What every store must do; `expires` says whether records can have a time to live of their own. */
export function storeContract(
  name: string,
  start: () => Promise<ContractStore>,
  expires: 'each' | 'all' | 'never',
): void {
  describe(name, () => {
    let world: ContractStore;
    let store: RecordStore;
    let users = 0;
    const aUser = (): string => `user ${++users}`;

    beforeAll(async () => {
      world = await start();
      store = await world.open();
    });
    afterAll(async () => {
      await store?.close();
      await world?.[Symbol.asyncDispose]();
    });

    test('returns the last stored value, and nothing for an unknown uid', async () => {
      const uid = aUser();
      await store.store(aSession(uid, 'a'));
      await store.store(aSession(uid, 'b'));
      expect(roomOf(await store.query(uid))).toBe('b');
      const expiresAt = world.expiresAnyway ? expect.any(Number) : 0;
      expect(await store.get(uid)).toMatchObject({uid, expiresAt});
      expect(await store.query(aUser())).toBeUndefined();
    });

    test('keeps bytes unchanged, including fields of newer gates', async () => {
      const uid = aUser();
      const newer = Buffer.concat([bytesOf(uid), Buffer.from([0xfa, 0x01, 0x03, 1, 2, 3])]);
      await store.put(uid, newer);
      const found = (await store.get(uid))?.value ?? new Uint8Array(0);
      expect(Buffer.from(encodeSession(decodeSession(found)))).toEqual(
        Buffer.from(encodeSession(decodeSession(newer))),
      );
    });

    test('G07: keeps uids apart that differ in case, dots, slashes or other characters', async () => {
      const uids = [
        'a',
        'A',
        'ä',
        'a.',
        '../a',
        'a/b',
        'a b',
        '%41',
        '=41',
        '玩家',
        '.',
        '..',
        'u\n1',
        '__proto__',
        'a@b.c',
        'user:1',
        '*',
        '>',
        'x'.repeat(80),
      ];
      for (const uid of uids) await store.put(uid, bytesOf(uid, `room of ${uid}`));
      for (const uid of uids) expect(roomOf((await store.get(uid))?.value)).toBe(`room of ${uid}`);
      const listed = (await uidsIn(store, 100)).filter((uid) => uids.includes(uid));
      expect(listed.sort()).toEqual([...uids].sort());
      for (const uid of uids) expect(await store.delete(uid)).toBe(true);
    });

    test('lists every staying record despite concurrent changes', async () => {
      const stay = Array.from({length: 60}, (_, at) => `stay ${at}`);
      for (const uid of stay) await store.put(uid, bytesOf(uid));
      const seen = new Set<string>();
      let after = '';
      do {
        const {records, next} = await store.list(after, 7);
        for (const {uid} of records) seen.add(uid);
        after = next;
        const passing = aUser();
        await store.put(passing, bytesOf(passing));
        await store.delete(passing);
      } while (after !== '');
      expect([...seen]).toEqual(expect.arrayContaining(stay));
      for (const uid of stay) await store.delete(uid);
    });

    test('refuses a write after another revision, and keeps the record', async () => {
      const uid = aUser();
      const other = await world.open();
      const first = await store.put(uid, bytesOf(uid, 'a'), {after: ''});
      await expect(other.put(uid, bytesOf(uid, 'x'), {after: ''})).rejects.toBeInstanceOf(ConflictError);
      const second = await other.put(uid, bytesOf(uid, 'b'), {after: first});
      await expect(store.put(uid, bytesOf(uid, 'x'), {after: first})).rejects.toBeInstanceOf(ConflictError);
      await expect(store.put(uid, bytesOf(uid, 'x'), {after: 'no such'})).rejects.toBeInstanceOf(
        ConflictError,
      );
      expect(await store.get(uid)).toMatchObject({revision: second});
      expect(roomOf(await store.query(uid))).toBe('b');
      await other.close();
    });

    test('D18: refuses to delete another revision, deletes once, and accepts a new record', async () => {
      const uid = aUser();
      const seen = await store.put(uid, bytesOf(uid, 'a'));
      const now = await store.put(uid, bytesOf(uid, 'b'));
      await expect(store.delete(uid, seen)).rejects.toBeInstanceOf(ConflictError);
      expect(roomOf(await store.query(uid))).toBe('b');
      expect(await store.delete(uid, now)).toBe(true);
      expect(await store.delete(uid)).toBe(false);
      expect(await store.get(uid)).toBeUndefined();
      await store.put(uid, bytesOf(uid, 'c'), {after: ''});
      expect(roomOf(await store.query(uid))).toBe('c');
    });

    test('five concurrent deletes of one record are answered correctly, and it is gone', async () => {
      const uid = aUser();
      await store.put(uid, bytesOf(uid, 'a'));
      const told = await Promise.all(Array.from({length: 5}, () => store.delete(uid)));
      expect(told.filter(Boolean)).toHaveLength(1);
      expect(await store.get(uid)).toBeUndefined();
    });

    test('D11, G08: two writers with revisions lose no change', async () => {
      const uid = aUser();
      await store.put(uid, bytesOf(uid, '0'));
      const edits = Number(process.env['GATECTL_EDITS'] ?? 100);
      const edit = async () => {
        const mine = await world.open();
        let conflicts = 0;
        for (let done = 0; done < edits; ) {
          const record = await mine.get(uid);
          const next = String(Number(roomOf(record?.value)) + 1);
          try {
            await mine.put(uid, bytesOf(uid, next), {after: record?.revision ?? ''});
            done += 1;
          } catch (error) {
            if (!(error instanceof ConflictError)) throw error;
            conflicts += 1;
          }
        }
        await mine.close();
        return conflicts;
      };
      await Promise.all([edit(), edit()]);
      expect(roomOf(await store.query(uid))).toBe(String(2 * edits));
    });

    test('concurrent writes leave one complete version', async () => {
      const uid = aUser();
      const rooms = Array.from({length: 50}, (_, at) => `room ${at} ${'x'.repeat(at * 100)}`);
      await Promise.all(rooms.map((room) => store.put(uid, bytesOf(uid, room))));
      expect(rooms).toContain(roomOf(await store.query(uid)));
    });

    if (expires === 'never') {
      test('reports that it has no expiry', async () => {
        const uid = aUser();
        expect(store.ability.expire).toBe(false);
        await expect(async () => await store.put(uid, bytesOf(uid), {ttlMs: 1000})).rejects.toThrow('expir');
      });
    } else {
      test("G05: expires a gate's record unless it is written or touched; an edit keeps the time", async () => {
        const short = await world.open('4s');
        const [kept, left] = [aUser(), aUser()];
        await short.store(aSession(kept));
        await short.store(aSession(left));
        const before = await short.get(left);
        expect(before?.expiresAt).toBeGreaterThan(Date.now());
        expect(before?.expiresAt).toBeLessThan(Date.now() + 5100);
        if (expires === 'each') {
          await short.put(left, bytesOf(left, 'edited'), {after: before?.revision ?? ''});
          const after = await short.get(left);
          // each is told as of the moment of the question, however long its answer took
          expect(Math.abs((after?.expiresAt ?? 0) - (before?.expiresAt ?? 0))).toBeLessThanOrEqual(3000);
        }
        let revision = (await short.get(kept))?.revision ?? '';
        await until(
          async () => {
            revision = (await short.touch(kept, revision)) ?? 'lost';
            return (await short.get(left)) === undefined;
          },
          {what: 'the record to expire', everyMs: 200},
        );
        expect(revision).not.toBe('lost');
        expect(await short.get(kept)).toBeDefined();
        await short.close();
      });

      test('refuses to touch another revision', async () => {
        const short = await world.open('2s');
        const uid = aUser();
        await short.store(aSession(uid));
        expect(await short.touch(uid, 'another')).toBeUndefined();
        expect(await short.touch(aUser(), 'none')).toBeUndefined();
        await short.close();
      });
    }

    if (expires === 'each') {
      test('sets and removes the time of one record', async () => {
        const uid = aUser();
        await store.put(uid, bytesOf(uid));
        await store.put(uid, bytesOf(uid), {ttlMs: 60_000});
        const {expiresAt = 0} = (await store.get(uid)) ?? {};
        expect(expiresAt - Date.now()).toBeGreaterThan(50_000);
        expect(expiresAt - Date.now()).toBeLessThan(61_500);
        await store.put(uid, bytesOf(uid), {ttlMs: 0});
        expect(await store.get(uid)).toMatchObject({expiresAt: 0});
      });
    }
  });
}
