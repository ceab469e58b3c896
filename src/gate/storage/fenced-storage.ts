import type {Session} from '../../session/session.js';
import {isRecordStore, type RecordStore, type StorageHandler} from '../../storage/storage-handler.js';
import type {EncodableSession} from '../sessions/live-session.js';
import {encodeOwnedRecord} from './record-owner.js';

interface FencedRecord {
  readonly value: Uint8Array;
  /** Empty if the handler has no revisions. */
  readonly revision: string;
}

/** The gate's storage. Writes are fenced by revisions if the store supports them. */
export interface FencedStorage {
  /** Time to live of a record that is neither written nor touched, in milliseconds; undefined for no expiry. */
  readonly ttlMs: number | undefined;
  read(userId: string): Promise<FencedRecord | undefined>;
  /**
   * Writes a record. Resolves with the new revision. Rejects with ConflictError if the record's revision is not
   * `after`. `since` is when the record's owner, the writing connection, was opened (Unix milliseconds).
   */
  write(stored: EncodableSession, after: string, since: number): Promise<string>;
  /** Extends the expiry. Resolves with the new revision; undefined if the record has changed. */
  touch(session: Session, revision: string): Promise<string | undefined>;
}

export function createFencedStorage(storage: StorageHandler | RecordStore): FencedStorage {
  return isRecordStore(storage) ? fenced(storage) : plain(storage);
}

function fenced(store: RecordStore): FencedStorage {
  return {
    get ttlMs() {
      return store.ttlMs; // a store may learn this only once its server answers
    },
    read: (userId) => store.get(userId),
    write: (stored, after, since) =>
      store.put(stored.session.userId, encodeOwnedRecord(stored, since), {after, ttlMs: store.ttlMs}),
    touch: ({userId}, revision) => store.touch(userId, revision),
  };
}

/** Wraps a plain mqant handler: the last write wins. */
function plain(handler: StorageHandler): FencedStorage {
  return {
    ttlMs: undefined,
    async read(userId) {
      const value = await handler.query(userId);
      return value && {value, revision: ''};
    },
    async write({session}) {
      await handler.store(session);
      return '';
    },
    async touch(session, revision) {
      await handler.heartbeat(session);
      return revision;
    },
  };
}
