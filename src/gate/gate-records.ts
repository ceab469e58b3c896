import {GateText} from '../bus/gate-functions.js';
import {NegativeError} from '../errors.js';
import type {
  Durability,
  ListQuery,
  RecordPage,
  RecordPut,
  StorageAbility,
  StoredRecord,
} from '../session/gate-api.js';
import {decodeSession} from '../session/session-codec.js';
import {isDoneWithin} from '../signals.js';
import {isRecordStore, type RecordStore, type StorageHandler} from '../storage/storage-handler.js';

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
    return (await isDoneWithin(countMs, asked)) ? await asked : undefined;
  }

  async get(userId: string): Promise<StoredRecord | undefined> {
    const storage = this.needed();
    if (isRecordStore(storage)) {
      const record = await storage.get(userId);
      return record && this.sendable(record);
    }
    const value = await storage.query(userId);
    return value && this.sendable({uid: userId, value, revision: '', expiresAt: 0});
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
    const last = page.records.findIndex(({uid}) => uid === cursor.uid);
    const records = page.records.slice(last + 1).map((record) => this.sendable(record));
    return this.fitting({records, next: page.next}, cursor.store);
  }

  /** As many of the records as fit. What is left of the store's page is read again for the next one. */
  private fitting({records, next}: RecordPage, from: string): RecordPage {
    let size = 0;
    for (const [at, {uid, value}] of records.entries()) {
      size += value.length + Buffer.byteLength(uid) * 2 + 128; // the uid again, in the cursor
      if (at > 0 && size > this.limitBytes)
        return {records: records.slice(0, at), next: midPage(from, records[at - 1]?.uid ?? '')};
    }
    return {records, next};
  }

  /** A record that no page could hold is shown without its bytes. */
  private sendable(record: StoredRecord): StoredRecord {
    const {length} = record.value;
    if (length + Buffer.byteLength(record.uid) * 2 + 128 <= this.limitBytes) return record;
    return {...record, value: new Uint8Array(0), fault: `${length} bytes are more than fits into a page`};
  }

  private needed(): StorageHandler | RecordStore {
    if (this.storage === undefined) throw new NegativeError(GateText.noStorage);
    return this.storage;
  }
}

interface Cursor {
  /** Of the store. */
  readonly store: string;
  /** The last record that was sent of the page that the store's cursor leads to. */
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
