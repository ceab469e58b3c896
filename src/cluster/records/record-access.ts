import type {RecordPut, StoredRecord} from '../../session/gate-api.js';
import type {Session} from '../../session/session.js';
import type {AllGatesListQuery} from '../query-types.js';
import type {GateOutcome, Listing} from '../result-types.js';

export interface LocatedRecord extends StoredRecord {
  /** Gate or store through which the record was read. */
  readonly node: string;
  /** The decoded session. Undefined if the bytes are not a session; `undecodable` then has the reason. */
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

export interface RecordsQuery extends AllGatesListQuery {
  /** False if expiry times are not needed; a store that reads them separately leaves them unknown. */
  readonly expiry?: boolean | undefined;
}

/** Records of users: in the storage of a cluster's gates, in a directly opened store, or in a snapshot. */
export interface RecordReader {
  /** Lists each uid once, even if several gates share a store. */
  list(query?: RecordsQuery): Promise<Listing<LocatedRecord>>;
  /** Rejects with NegativeError ("not found") only if every gate replied. */
  get(uid: string): Promise<LocatedRecord>;
  /** Number of keys in a directly opened store, if it can count them. */
  keyCount?(): Promise<number | undefined>;
}

export interface RecordAccess extends RecordReader {
  /**
   * Writes the protobuf bytes of a session through the given gate, or through any. Rejects with ConflictError if the
   * record has another revision.
   */
  put(
    uid: string,
    value: Uint8Array,
    put?: RecordPut & {readonly node?: string | undefined},
  ): Promise<WrittenRecord>;
  delete(uid: string, revision?: string): Promise<RecordDeletion>;
}

/** Returns records of a store that is opened on first use. */
export function lazyRecords(open: () => Promise<RecordAccess>): RecordAccess {
  return {
    list: async (query) => await (await open()).list(query),
    get: async (uid) => await (await open()).get(uid),
    put: async (uid, value, put) => await (await open()).put(uid, value, put),
    delete: async (uid, revision) => await (await open()).delete(uid, revision),
  };
}
