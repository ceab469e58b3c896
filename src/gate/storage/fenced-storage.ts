import type {Session} from '../../session/session.js';
import {isRecordStore, type RecordStore, type StorageHandler} from '../../storage/storage-handler.js';
import type {Storable} from '../sessions/live-session.js';
import {ownedRecord} from './record-owner.js';

export interface FencedRecord {
  readonly value: Uint8Array;
  /** Empty on a handler that has none. */
  readonly revision: string;
}

/** What the gate asks of its storage, whether that can fence writes by revisions or not. */
export interface FencedStorage {
  /** How long a record lives without a write or a touch. */
  readonly ttlMs: number | undefined;
  read(userId: string): Promise<FencedRecord | undefined>;
  /**
   * Resolves with the new revision; rejects with ConflictError when the stored one is not `after`. The owner is the
   * connection that writes; `since` is when it connected, in Unix milliseconds.
   */
  write(stored: Storable, after: string, since: number): Promise<string>;
  /** Resolves with the revision now; undefined when the record is another by now. */
  touch(session: Session, revision: string): Promise<string | undefined>;
}

export function fencedStorage(storage: StorageHandler | RecordStore): FencedStorage {
  return isRecordStore(storage) ? fenced(storage) : plain(storage);
}

function fenced(store: RecordStore): FencedStorage {
  return {
    get ttlMs() {
      return store.ttlMs; // a store may learn it only when its server answers
    },
    read: (userId) => store.get(userId),
    write: (stored, after, since) =>
      store.put(stored.session.userId, ownedRecord(stored, since), {after, ttlMs: store.ttlMs}),
    touch: ({userId}, revision) => store.touch(userId, revision),
  };
}

/** mqant's handler as it is: the last writer wins. */
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
