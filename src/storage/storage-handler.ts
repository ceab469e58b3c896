import type {RecordPage, StorageAbility, StoredRecord} from '../session/gate-api.js';
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

/** A StorageHandler that can also be looked into. */
export interface RecordStore extends StorageHandler {
  readonly ability: StorageAbility;
  get(userId: string): Promise<StoredRecord | undefined>;
  /** Records after a cursor, in the store's own stable order, at most `limit`. */
  list(after: string, limit: number): Promise<RecordPage>;
  close(): Promise<void>;
}
