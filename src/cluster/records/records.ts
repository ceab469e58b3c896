import type {RecordPut, StoredRecord} from '../../session/gate-api.js';
import type {Session} from '../../session/session.js';
import type {GateOutcome, Listing} from '../answers.js';
import type {ListQueryAll} from '../queries.js';

export interface LocatedRecord extends StoredRecord {
  /** Gate through which the record was read. */
  readonly node: string;
  /** The decoded session; undefined if the bytes are not one, with the reason in `undecodable`. */
  readonly session: Session | undefined;
  readonly undecodable: string | undefined;
}

export interface RecordDeletion {
  readonly uid: string;
  /** Gates whose storage had the record and deleted it. */
  readonly deletedBy: readonly string[];
  readonly outcomes: readonly GateOutcome[];
}

export interface WrittenRecord {
  readonly uid: string;
  /** Gate that wrote the record. */
  readonly node: string;
  readonly revision: string;
}

export interface RecordsQuery extends ListQueryAll {
  /** False when expiries are not needed: a store that must ask for them leaves them unknown. */
  readonly expiry?: boolean | undefined;
}

/** Records that users have in storage: behind the gates of a cluster, in a store that was opened directly, or saved. */
export interface RecordReader {
  /** Each uid once, though several gates may share one store. */
  list(query?: RecordsQuery): Promise<Listing<LocatedRecord>>;
  /** NegativeError only when every gate answered. */
  get(uid: string): Promise<LocatedRecord>;
  /** Returns the number of keys of a store that was opened directly, if it can count them. */
  keyCount?(): Promise<number | undefined>;
}

export interface Records extends RecordReader {
  /**
   * Writes session protobuf bytes through the given gate, or any. Rejects with ConflictError for another
   * revision.
   */
  put(
    uid: string,
    value: Uint8Array,
    put?: RecordPut & {readonly node?: string | undefined},
  ): Promise<WrittenRecord>;
  delete(uid: string, revision?: string): Promise<RecordDeletion>;
}

/** Records of a store that is opened when they are first needed. */
export function lateRecords(open: () => Promise<Records>): Records {
  return {
    list: async (query) => await (await open()).list(query),
    get: async (uid) => await (await open()).get(uid),
    put: async (uid, value, put) => await (await open()).put(uid, value, put),
    delete: async (uid, revision) => await (await open()).delete(uid, revision),
  };
}
