import type {
  Durability,
  ForeignValue,
  RecordPage,
  StorageAbility,
  StoredRecord,
} from '../session/gate-api.js';
import type {Session} from '../session/session.js';

/**
 * mqant's StorageHandler: persists sessions beyond their connection.
 * The gate calls `store` on bind, set, push and remove while the session is bound; `query` on bind;
 * `heartbeat` on client activity, at most once per interval, to extend the expiry. `delete` is the operator's
 * force-delete; mqant itself never calls its `Delete`.
 */
export interface StorageHandler {
  store(session: Session): Promise<void>;
  /** Resolves with false when there was no record. Rejects with ConflictError when the stored revision differs. */
  delete(userId: string, revision?: string): Promise<boolean>;
  query(userId: string): Promise<Uint8Array | undefined>;
  heartbeat(session: Session): Promise<void>;
}

export interface PutOptions {
  /** Expected stored revision; an empty text requires that no record exists; undefined overwrites unconditionally. */
  readonly after?: string | undefined;
  /**
   * Time to live in milliseconds, 0 for never. Undefined keeps the record's expiry; a new
   * record gets the store's `ttlMs`.
   */
  readonly ttlMs?: number | undefined;
  /** Stored verbatim by a store of that encoding. Other stores write the session and refuse to drop other members. */
  readonly stored?: ForeignValue | undefined;
}

export interface ListOptions {
  /** False when expiries are not shown: a store that must ask for them then leaves them unknown. */
  readonly expiry?: boolean | undefined;
}

/**
 * A StorageHandler with reads and listings, whose writes are fenced by revisions: a gate on it never lets an
 * older connection overwrite a newer one's record.
 */
export interface RecordStore extends StorageHandler {
  readonly ability: StorageAbility;
  /** Time to live of records after a gate's last write or `touch`, in milliseconds; undefined for none. */
  readonly ttlMs: number | undefined;
  /** Resolves with undefined when there is no record. Rejects when the record exists but can't be read. */
  get(userId: string): Promise<StoredRecord | undefined>;
  /** Writes a session's protobuf bytes atomically. Resolves with the new revision; rejects with ConflictError. */
  put(userId: string, value: Uint8Array, options?: PutOptions): Promise<string>;
  /** Extends the expiry by `ttlMs` and returns the new revision; undefined when the stored revision differs. */
  touch(userId: string, revision: string): Promise<string | undefined>;
  /** Lists about `limit` records after a cursor, in the store's own stable order, and the uids of unreadable records. */
  list(after: string, limit: number, options?: ListOptions): Promise<RecordPage>;
  /** Returns the number of keys that a listing scans, if the store can count them. */
  keyCount?(): Promise<number | undefined>;
  /** Reports the cost of a power loss, if the store can tell. */
  durability?(): Promise<Durability>;
  close(): Promise<void>;
}

export function isRecordStore(storage: StorageHandler | RecordStore): storage is RecordStore {
  return 'ability' in storage && 'put' in storage;
}
