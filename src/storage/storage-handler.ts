import type {
  Durability,
  ForeignValue,
  RecordPage,
  StorageCapabilities,
  StoredRecord,
} from '../session/gate-api.js';
import type {Session} from '../session/session.js';

/**
 * mqant's StorageHandler: keeps sessions beyond their connection. While a session is bound, the gate calls `store`
 * after bind, set, push and remove. It calls `query` on bind, and `heartbeat` on client activity, at most once per
 * interval, to extend the expiry. `delete` is for operators; mqant itself never calls its `Delete`.
 */
export interface StorageHandler {
  store(session: Session): Promise<void>;
  /**
   * Deletes a record; resolves with false if there was none. Rejects with ConflictError if the record has another
   * revision.
   */
  delete(userId: string, revision?: string): Promise<boolean>;
  query(userId: string): Promise<Uint8Array | undefined>;
  heartbeat(session: Session): Promise<void>;
}

export interface PutOptions {
  /**
   * Revision that the record must have. An empty string requires that there is no record; undefined overwrites
   * unconditionally.
   */
  readonly after?: string | undefined;
  /**
   * Time to live in milliseconds; 0 for no expiry. Undefined keeps the record's expiry; a new record gets the store's
   * `ttlMs`.
   */
  readonly ttlMs?: number | undefined;
  /**
   * Stored as it is by a store with that encoding. Other stores write the session, and reject if members would be
   * lost.
   */
  readonly stored?: ForeignValue | undefined;
}

export interface ListOptions {
  /** False if expiry times are not needed; a store that reads them separately then leaves them unknown. */
  readonly expiry?: boolean | undefined;
}

/**
 * A StorageHandler that can also read and list records, and whose writes are fenced by revisions: with such a store,
 * a gate never lets an older connection overwrite a newer one's record.
 */
export interface RecordStore extends StorageHandler {
  readonly ability: StorageCapabilities;
  /** Time to live of a record after a gate's last write or `touch`, in milliseconds; undefined for no expiry. */
  readonly ttlMs: number | undefined;
  /** Reads a record; resolves with undefined if there is none. Rejects if it exists but can't be read. */
  get(userId: string): Promise<StoredRecord | undefined>;
  /**
   * Writes the protobuf bytes of a session atomically. Resolves with the new revision. Rejects with ConflictError if
   * the record has another revision.
   */
  put(userId: string, value: Uint8Array, options?: PutOptions): Promise<string>;
  /** Extends the expiry by `ttlMs`. Resolves with the new revision; undefined if the record has another revision. */
  touch(userId: string, revision: string): Promise<string | undefined>;
  /**
   * Lists about `limit` records after a cursor, in a stable order that depends on the store, with the uids of
   * unreadable records.
   */
  list(after: string, limit: number, options?: ListOptions): Promise<RecordPage>;
  /** Resolves with the number of keys that a listing scans, if the store can count them. */
  keyCount?(): Promise<number | undefined>;
  /** Resolves with what is lost in a power failure, if the store can tell. */
  durability?(): Promise<Durability>;
  close(): Promise<void>;
}

export function isRecordStore(storage: StorageHandler | RecordStore): storage is RecordStore {
  return 'ability' in storage && 'put' in storage;
}
