import {settlesWithinMs} from '../../base/abort-signals.js';
import {NegativeError} from '../../base/errors.js';
import {gateErrorTexts} from '../../bus/gate/gate-functions.js';
import {decodeSession} from '../../session/codec/session-protobuf.js';
import type {
  Durability,
  ListQuery,
  RecordPage,
  RecordPut,
  StorageCapabilities,
  StoredRecord,
  UnreadRecord,
} from '../../session/gate-api.js';
import {isRecordStore, type RecordStore, type StorageHandler} from '../../storage/storage-handler.js';

const defaultPageRecords = 500;
const maxPageRecords = 2000;
/** How long a store's durability is cached; it seldom changes. */
const durabilityCacheMs = 10_000;

/** How long GatectlInfo waits for the number of records. */
const countTimeoutMs = 200;

/** An operator's access to the gate's storage. Calls reject with NegativeError if the gate has no storage. */
export class GateRecords {
  readonly ability: StorageCapabilities;
  private lastDurability: Durability | undefined;
  private refreshedAt = 0;

  constructor(
    private readonly storage: StorageHandler | RecordStore | undefined,
    private readonly limitBytes: number,
  ) {
    this.ability = abilityOf(storage);
    this.durability();
  }

  /** Returns the last known durability. It is refreshed in the background, so this never waits for the store. */
  durability(): Durability | undefined {
    const {storage} = this;
    const now = Date.now();
    if (storage === undefined || !isRecordStore(storage) || now < this.refreshedAt + durabilityCacheMs)
      return this.lastDurability;
    this.refreshedAt = now;
    void storage.durability?.().then(
      (durability) => {
        this.lastDurability = durability;
      },
      () => {}, // the store is down: keep the last value
    );
    return this.lastDurability;
  }

  /** Resolves with the number of records; undefined if the store can't count them in time. */
  async count(): Promise<number | undefined> {
    const {storage} = this;
    if (storage === undefined || !isRecordStore(storage)) return undefined;
    const asked = (storage.keyCount?.() ?? Promise.resolve(undefined)).catch(() => undefined); // the store is down
    return (await settlesWithinMs(countTimeoutMs, asked)) ? await asked : undefined;
  }

  async get(userId: string): Promise<StoredRecord | undefined> {
    const storage = this.required();
    const record = isRecordStore(storage)
      ? await storage.get(userId)
      : await recordFromHandler(storage, userId);
    if (record === undefined || this.fits(record)) return record;
    throw new NegativeError(tooLargeText(record));
  }

  async put(userId: string, value: Uint8Array, {revision, ttlMs}: RecordPut = {}): Promise<string> {
    const storage = this.required();
    if (!isRecordStore(storage)) throw new NegativeError('The storage handler cannot put');
    decodeSession(value); // rejects bytes that are not a session
    return storage.put(userId, value, {after: revision, ttlMs});
  }

  async delete(userId: string, revision?: string): Promise<boolean> {
    return this.required().delete(userId, revision);
  }

  async list({after = '', limit = defaultPageRecords}: ListQuery): Promise<RecordPage> {
    const storage = this.required();
    if (!isRecordStore(storage)) throw new NegativeError('The storage handler cannot list');
    const cursor = parseCursor(after);
    const page = await storage.list(cursor.store, Math.min(Math.max(1, limit), maxPageRecords));
    const records = page.records.filter((record) => this.fits(record));
    const large = page.records.filter((record) => !this.fits(record));
    const unread = [...(page.unread ?? []), ...large.map(tooLarge)];
    const last = [...records, ...unread].findIndex(({uid}) => uid === cursor.uid) + 1;
    const rest = {records: records.slice(last), unread: unread.slice(Math.max(0, last - records.length))};
    return this.fitting({...rest, next: page.next}, cursor.store);
  }

  /** Returns the records that fit into a reply. The next page reads the store's page again and returns the rest. */
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

  private required(): StorageHandler | RecordStore {
    if (this.storage === undefined) throw new NegativeError(gateErrorTexts.noStorage);
    return this.storage;
  }
}

/** Returns a record from mqant's plain handler, which only returns the bytes. */
async function recordFromHandler(storage: StorageHandler, uid: string): Promise<StoredRecord | undefined> {
  const value = await storage.query(uid);
  return value && {uid, value, revision: '', expiresAt: undefined};
}

/**
 * Returns the maximum size of an item in a page, in bytes. The uid counts twice, because it is also in the cursor.
 */
function sizeOf(item: StoredRecord | UnreadRecord): number {
  const bytes =
    'value' in item ? item.value.length + (item.stored?.bytes.length ?? 0) : Buffer.byteLength(item.message);
  return bytes + Buffer.byteLength(item.uid) * 2 + 128;
}

const tooLargeText = (record: StoredRecord): string =>
  `the record has ${record.value.length} bytes, larger than max_payload allows`;

const tooLarge = (record: StoredRecord): UnreadRecord => ({
  uid: record.uid,
  reason: 'too-large',
  message: tooLargeText(record),
});

interface Cursor {
  /** The store's own cursor. */
  readonly store: string;
  /** Last uid that was sent of the store's page at `store`, including unread records. */
  readonly uid: string | undefined;
}

const midPage = (store: string, uid: string): string => JSON.stringify([store, uid]);

/** Parses a cursor. A store's own cursor is a uid or a number, which rarely starts with `["`. */
function parseCursor(after: string): Cursor {
  if (!after.startsWith('["')) return {store: after, uid: undefined};
  try {
    const [store, uid] = JSON.parse(after) as readonly unknown[];
    if (typeof store === 'string' && typeof uid === 'string') return {store, uid};
  } catch {
    // a uid that starts with `["`
  }
  return {store: after, uid: undefined};
}

function abilityOf(storage: StorageHandler | RecordStore | undefined): StorageCapabilities {
  if (storage === undefined)
    return {kind: 'none', get: false, put: false, delete: false, list: false, expire: false};
  if (isRecordStore(storage)) return storage.ability;
  return {kind: 'custom', get: true, put: false, delete: true, list: false, expire: false};
}
