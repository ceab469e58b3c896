import type {
  Durability,
  ForeignValue,
  RecordPage,
  StorageAbility,
  StoredRecord,
} from '../session/gate-api.js';
import type {Session} from '../session/session.js';

/**
 * mqant's StorageHandler: what a gate asks of the place where sessions outlive their connection.
 * The gate calls `store` on bind, set, push and remove while the session is bound; `query` on bind;
 * `heartbeat` on client activity, at most once an interval, to extend expiry. `delete` is what mqant's
 * `Delete` never had a trigger for: the operator's force-delete.
 */
export interface StorageHandler {
  store(session: Session): Promise<void>;
  /** False when there was nothing. With a `revision` that is not the stored one: ConflictError. */
  delete(userId: string, revision?: string): Promise<boolean>;
  query(userId: string): Promise<Uint8Array | undefined>;
  heartbeat(session: Session): Promise<void>;
}

export interface PutOptions {
  /** The revision that must be the stored one; empty: there must be no record. Without it, whatever is there goes. */
  readonly after?: string | undefined;
  /**
   * The record expires so many milliseconds from now; 0 for never. Without it the expiry of the record stays, and a new
   * record gets the store's `ttlMs`.
   */
  readonly ttlMs?: number | undefined;
  /** Stored byte for byte by a store of that encoding. Any other stores the session and refuses to drop other members. */
  readonly stored?: ForeignValue | undefined;
}

/**
 * A StorageHandler that can also be looked into, and whose writes are fenced by revisions: a gate on it never lets an
 * old connection overwrite what a newer one stored.
 */
export interface RecordStore extends StorageHandler {
  readonly ability: StorageAbility;
  /** Records of gates expire so long after the last write or `touch`; undefined for never. */
  readonly ttlMs: number | undefined;
  /** Undefined when there is no record. A record that is there and cannot be read rejects, and is never empty. */
  get(userId: string): Promise<StoredRecord | undefined>;
  /** Writes a session's protobuf bytes as one whole version. Resolves with its revision; rejects with ConflictError. */
  put(userId: string, value: Uint8Array, options?: PutOptions): Promise<string>;
  /** Extends the expiry by `ttlMs` and gives the revision after it; undefined when that revision is not the stored one. */
  touch(userId: string, revision: string): Promise<string | undefined>;
  /** Records after a cursor, in the store's own stable order, about `limit`; those that cannot be read by name. */
  list(after: string, limit: number): Promise<RecordPage>;
  /** How many keys a listing may have to look at, where the store can tell. */
  keyCount?(): Promise<number | undefined>;
  /** What a power loss costs, where the store can be asked. */
  durability?(): Promise<Durability>;
  close(): Promise<void>;
}

export function isRecordStore(storage: StorageHandler | RecordStore): storage is RecordStore {
  return 'ability' in storage && 'put' in storage;
}
