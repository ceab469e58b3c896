import {NegativeError} from '../../base/errors.js';
import {settlesWithinMs} from '../../base/signals.js';
import {GateText} from '../../bus/gate/gate-functions.js';
import {decodeSession} from '../../session/codec/session-protobuf.js';
import type {
  Durability,
  ListQuery,
  RecordPage,
  RecordPut,
  StorageAbility,
  StoredRecord,
  UnreadRecord,
} from '../../session/gate-api.js';
import {isRecordStore, type RecordStore, type StorageHandler} from '../../storage/storage-handler.js';

const defaultPageRecords = 500;
const maxPageRecords = 2000;
/** The settings of a store change seldom. */
const askAgainMs = 10_000;

/** How long GatectlInfo waits for a count, in milliseconds. */
const countMs = 200;

/** What a gate lets an operator do with its storage. Everything rejects with NegativeError where it has none. */
export class GateRecords {
  readonly ability: StorageAbility;
  private said: Durability | undefined;
  private askedAt = 0;

  constructor(
    private readonly storage: StorageHandler | RecordStore | undefined,
    private readonly limitBytes: number,
  ) {
    this.ability = abilityOf(storage);
    this.durability();
  }

  /** What the storage said of itself last. It is asked again behind the answer, which waits for no store. */
  durability(): Durability | undefined {
    const {storage} = this;
    const now = Date.now();
    if (storage === undefined || !isRecordStore(storage) || now < this.askedAt + askAgainMs) return this.said;
    this.askedAt = now;
    void storage.durability?.().then(
      (said) => {
        this.said = said;
      },
      () => {}, // it is away: what it said before may still be so
    );
    return this.said;
  }

  /** Keys of the storage; undefined where it can't count them, or not at once. */
  async count(): Promise<number | undefined> {
    const {storage} = this;
    if (storage === undefined || !isRecordStore(storage)) return undefined;
    const asked = (storage.keyCount?.() ?? Promise.resolve(undefined)).catch(() => undefined); // it is away
    return (await settlesWithinMs(countMs, asked)) ? await asked : undefined;
  }

  async get(userId: string): Promise<StoredRecord | undefined> {
    const storage = this.needed();
    const record = isRecordStore(storage) ? await storage.get(userId) : await queried(storage, userId);
    if (record === undefined || this.fits(record)) return record;
    throw new NegativeError(tooLargeText(record));
  }

  async put(userId: string, value: Uint8Array, {revision, ttlMs}: RecordPut = {}): Promise<string> {
    const storage = this.needed();
    if (!isRecordStore(storage)) throw new NegativeError('The storage handler can not put');
    decodeSession(value); // what the store keeps is a session
    return storage.put(userId, value, {after: revision, ttlMs});
  }

  async delete(userId: string, revision?: string): Promise<boolean> {
    return this.needed().delete(userId, revision);
  }

  async list({after = '', limit = defaultPageRecords}: ListQuery): Promise<RecordPage> {
    const storage = this.needed();
    if (!isRecordStore(storage)) throw new NegativeError('The storage handler can not list');
    const cursor = parseCursor(after);
    const page = await storage.list(cursor.store, Math.min(Math.max(1, limit), maxPageRecords));
    const records = page.records.filter((record) => this.fits(record));
    const large = page.records.filter((record) => !this.fits(record));
    const unread = [...(page.unread ?? []), ...large.map(tooLarge)];
    const last = [...records, ...unread].findIndex(({uid}) => uid === cursor.uid) + 1;
    const rest = {records: records.slice(last), unread: unread.slice(Math.max(0, last - records.length))};
    return this.fitting({...rest, next: page.next}, cursor.store);
  }

  /** As many of the records as fit. What is left of the store's page is read again for the next one. */
  private fitting({records, unread = [], next}: RecordPage, from: string): RecordPage {
    let size = 0;
    let last: string | undefined;
    let count = 0;
    for (const item of [...records, ...unread]) {
      size += sizeOf(item);
      if (last !== undefined && size > this.limitBytes) {
        const part = {
          records: records.slice(0, count),
          unread: unread.slice(0, Math.max(0, count - records.length)),
        };
        return {...part, next: midPage(from, last)};
      }
      last = item.uid;
      count += 1;
    }
    return {records, unread, next};
  }

  private fits(record: StoredRecord): boolean {
    return sizeOf(record) <= this.limitBytes;
  }

  private needed(): StorageHandler | RecordStore {
    if (this.storage === undefined) throw new NegativeError(GateText.noStorage);
    return this.storage;
  }
}

/** mqant's handler tells nothing but the bytes. */
async function queried(storage: StorageHandler, uid: string): Promise<StoredRecord | undefined> {
  const value = await storage.query(uid);
  return value && {uid, value, revision: '', expiresAt: undefined};
}

/** Bytes in a page at most: the uid is also in the cursor. */
function sizeOf(item: StoredRecord | UnreadRecord): number {
  const bytes =
    'value' in item ? item.value.length + (item.stored?.bytes.length ?? 0) : Buffer.byteLength(item.message);
  return bytes + Buffer.byteLength(item.uid) * 2 + 128;
}

const tooLargeText = (record: StoredRecord): string =>
  `the record has ${record.value.length} bytes, larger than max_payload lets a page be`;

const tooLarge = (record: StoredRecord): UnreadRecord => ({
  uid: record.uid,
  reason: 'too-large',
  message: tooLargeText(record),
});

interface Cursor {
  /** Of the store. */
  readonly store: string;
  /** The last record that was sent of the page that the store's cursor leads to, unread ones included. */
  readonly uid: string | undefined;
}

const midPage = (store: string, uid: string): string => JSON.stringify([store, uid]);

/** A store's own cursor never begins as this one does: it is a uid or a number. */
function parseCursor(after: string): Cursor {
  if (!after.startsWith('["')) return {store: after, uid: undefined};
  try {
    const [store, uid] = JSON.parse(after) as readonly unknown[];
    if (typeof store === 'string' && typeof uid === 'string') return {store, uid};
  } catch {
    // a uid that looks like it
  }
  return {store: after, uid: undefined};
}

function abilityOf(storage: StorageHandler | RecordStore | undefined): StorageAbility {
  if (storage === undefined)
    return {kind: 'none', get: false, put: false, delete: false, list: false, expire: false};
  if (isRecordStore(storage)) return storage.ability;
  return {kind: 'custom', get: true, put: false, delete: true, list: false, expire: false};
}
