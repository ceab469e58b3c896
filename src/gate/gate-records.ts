import {GateText} from '../bus/gate-functions.js';
import {NegativeError} from '../errors.js';
import type {ListQuery, RecordPage, RecordPut, StorageAbility, StoredRecord} from '../session/gate-api.js';
import {decodeSession} from '../session/session-codec.js';
import {isRecordStore, type RecordStore, type StorageHandler} from '../storage/storage-handler.js';

const defaultPageRecords = 500;
const maxPageRecords = 2000;

/** What a gate lets an operator do with its storage. Everything rejects with NegativeError where it has none. */
export class GateRecords {
  readonly ability: StorageAbility;

  constructor(
    private readonly storage: StorageHandler | RecordStore | undefined,
    private readonly limitBytes: number,
  ) {
    this.ability = abilityOf(storage);
  }

  async get(userId: string): Promise<StoredRecord | undefined> {
    const storage = this.needed();
    if (isRecordStore(storage)) return storage.get(userId);
    const value = await storage.query(userId);
    return value === undefined ? undefined : {uid: userId, value, revision: '', expiresAt: 0};
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
    const page = await storage.list(after, Math.min(Math.max(1, limit), maxPageRecords));
    return fitting(page, this.limitBytes);
  }

  private needed(): StorageHandler | RecordStore {
    if (this.storage === undefined) throw new NegativeError(GateText.noStorage);
    return this.storage;
  }
}

/** As many of the records as fit; a record that is larger than a page by itself comes alone. */
function fitting({records, next}: RecordPage, limitBytes: number): RecordPage {
  let size = 0;
  for (const [index, {uid, value}] of records.entries()) {
    size += value.length + Buffer.byteLength(uid) * 2 + 128; // the uid again, as cursor
    if (index > 0 && size > limitBytes) {
      return {records: records.slice(0, index), next: records[index - 1]?.uid ?? ''};
    }
  }
  return {records, next};
}

function abilityOf(storage: StorageHandler | RecordStore | undefined): StorageAbility {
  if (storage === undefined)
    return {kind: 'none', get: false, put: false, delete: false, list: false, expire: false};
  if (isRecordStore(storage)) return storage.ability;
  return {kind: 'custom', get: true, put: false, delete: true, list: false, expire: false};
}
