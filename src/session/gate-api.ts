import type {FailureReason} from '../base/errors.js';
import type {EncodedRows} from './fast/page-walk.js';
import type {ObservedRow, Session, SessionRow, StringBag} from './session.js';
import type {SettingsEdit} from './settings-edit.js';

export interface CallOptions {
  /** Deadline of this call in milliseconds. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Version of the extension protocol (`Gatectl…` functions), see docs/protocol.md. */
export const protocolVersion = 1;

/** What a node says of itself: GatectlInfo. */
export interface GateInfo {
  readonly protocol: number;
  readonly software: string;
  readonly softwareVersion: string;
  readonly nodeId: string;
  readonly host: string;
  readonly pid: number;
  /** Unix milliseconds by the gate's clock. */
  readonly startedAt: number;
  readonly now: number;
  readonly sessions: number;
  readonly bound: number;
  /** Names of all functions that the node answers. */
  readonly functions: readonly string[];
  readonly storage: StorageState;
  /** The largest page in bytes that the node sends. */
  readonly pageLimitBytes: number;
}

/** What a gate's StorageHandler can do. `kind` is free text for people: `none`, `memory`, `file` … */
export interface StorageAbility {
  readonly kind: string;
  readonly get: boolean;
  readonly put: boolean;
  readonly delete: boolean;
  readonly list: boolean;
  /** Records can expire. */
  readonly expire: boolean;
}

/** What a storage said of itself: whether it keeps anything on a disk, and in words what a power loss costs. */
export interface Durability {
  readonly onDisk: boolean;
  readonly powerLoss: string;
}

/** The storage of a gate, and how far it is behind. */
export interface StorageState extends StorageAbility, Partial<Durability> {
  /** Sessions whose newest state the storage has not taken yet. */
  readonly dirty: number;
  /** Keys that a listing of records looks at, where the storage can count them. */
  readonly records?: number | undefined;
}

export interface ListQuery {
  /** Cursor of the page before; empty for the first page. */
  readonly after?: string | undefined;
  /** At most so many rows in this page. */
  readonly limit?: number | undefined;
}

export interface SessionQuery extends ListQuery {
  /** A selector's text: only sessions that match. A gate that cannot filter ignores it, and its page says so. */
  readonly where?: string | undefined;
  /** An order's text: the first `limit` sessions in that order, in one page. A gate that cannot sort ignores it. */
  readonly sort?: string | undefined;
}

export interface SessionPage {
  readonly rows: readonly SessionRow[];
  /** The same rows in bytes, proven to be sound, where the page came so: who reads them need not build `rows`. */
  readonly encoded?: EncodedRows | undefined;
  /** Cursor of the next page; empty after the last. */
  readonly next: string;
  /** Unix milliseconds by the gate's clock when it made the page; absent where a gate does not say. */
  readonly now?: number | undefined;
  /** The gate took `where` and every row matches. */
  readonly filtered?: boolean | undefined;
  /** The gate took `sort`: these are the first in that order, and there is no next page. */
  readonly sorted?: boolean | undefined;
}

export interface CountQuery {
  /** A selector's text. A gate that cannot filter counts all, and says so. */
  readonly where?: string | undefined;
  /** What to count by: `network`, `uid`, `guest`, `settings.<key>`. */
  readonly by?: string | undefined;
}

export interface GroupCount {
  /** Null for those that have no such setting. */
  readonly key: string | null;
  readonly sessions: number;
  readonly bound: number;
}

export interface SessionCount {
  readonly sessions: number;
  readonly bound: number;
  /** The gate took `where`. */
  readonly filtered?: boolean | undefined;
  /** Of `by`; absent where the gate cannot group, or the groups are more than fit into an answer. */
  readonly groups?: readonly GroupCount[] | undefined;
}

/** Totals of a gate since its start, for rates. */
export interface GateStats {
  /** Unix milliseconds by the gate's clock. */
  readonly now: number;
  readonly startedAt: number;
  readonly sessions: number;
  readonly bound: number;
  readonly connects: number;
  readonly disconnects: number;
  /** MQTT packets with a body from and to clients. */
  readonly received: number;
  readonly sent: number;
  /** Sessions whose newest state the storage has not taken yet. */
  readonly dirty: number;
  /** Calls, questions and feeds whose answer was to go to no inbox; absent where a gate does not count them. */
  readonly refusedReplies?: number | undefined;
}

export interface WatchQuery {
  /** Subject that the events go to; it names the feed too: asking again for the same renews its lease. */
  readonly inbox: string;
  /** The feed ends so many milliseconds after it was last asked for: 1,000 to 60,000. */
  readonly leaseMs: number;
  /** A selector's text: only events of sessions that match before or after. A gate that cannot filter ignores it. */
  readonly where?: string | undefined;
}

export interface WatchLease {
  /** Another number is another feed: the gate had forgotten the one before, and events may be lost. */
  readonly feed: number;
  /** Number of the next event; all before were sent before this answer. */
  readonly next: number;
  readonly leaseMs: number;
  /** The gate took `where`; else events of all sessions come. */
  readonly filtered?: boolean | undefined;
  /** Unix milliseconds by the gate's clock. */
  readonly now: number;
}

/** Stored bytes in the format of the project, such as JSON. */
export interface ForeignValue {
  readonly encoding: string;
  readonly bytes: Uint8Array;
}

/** What a StorageHandler keeps for one uid. */
export interface StoredRecord {
  readonly uid: string;
  /** The session's protobuf bytes; with a `fault` the stored bytes as they are. */
  readonly value: Uint8Array;
  /** Changes with every write of the record; empty where the store has none. */
  readonly revision: string;
  /** Unix milliseconds; 0 when it never expires; undefined when the storage does not tell. */
  readonly expiresAt: number | undefined;
  /** Why the stored bytes could not be decoded by the store's encoding. */
  readonly fault?: string | undefined;
  /** The stored bytes, where they hold more than `value` can. */
  readonly stored?: ForeignValue | undefined;
}

/** A record that is there and could not be read. */
export interface UnreadRecord {
  readonly uid: string;
  readonly reason: FailureReason;
  readonly message: string;
}

export interface RecordPut {
  /** The revision that must be the stored one; empty: there must be none. */
  readonly revision?: string | undefined;
  /** The record expires so many milliseconds from now, 0 for never; without it its expiry stays. */
  readonly ttlMs?: number | undefined;
  /** Stored as it is, instead of the session's bytes. Only a store of that encoding takes it. */
  readonly stored?: ForeignValue | undefined;
}

export interface RecordPage {
  readonly records: readonly StoredRecord[];
  /** Records of this page that could not be read. */
  readonly unread?: readonly UnreadRecord[] | undefined;
  readonly next: string;
}

/**
 * The verbs of a gate: mqant's eleven functions and the extension. Three bodies exist (the gate itself, the
 * client over the bus, a fake in tests) and one contract suite holds them equal.
 *
 * Calls on a session that is not there reject with NoSessionError; a function that the node has not got
 * rejects with CallError `unsupported`. Writes resolve with the session as it is after the write.
 */
export interface GateApi {
  readonly nodeId: string;

  update(sessionId: string, options?: CallOptions): Promise<Session>;
  bind(sessionId: string, userId: string, options?: CallOptions): Promise<Session>;
  unbind(sessionId: string, options?: CallOptions): Promise<Session>;
  /** Upserts the given settings only. */
  push(sessionId: string, settings: StringBag, options?: CallOptions): Promise<Session>;
  set(sessionId: string, key: string, value: string, options?: CallOptions): Promise<Session>;
  /** Removing a key that is not there is no error (as in mqant). */
  remove(sessionId: string, key: string, options?: CallOptions): Promise<Session>;
  /** All of it or nothing: ConflictError when a setting is not as the edit expects it. */
  edit(sessionId: string, edit: SettingsEdit, options?: CallOptions): Promise<Session>;
  /** Resolves once the message was handed to the connection; that is not yet delivery. */
  send(sessionId: string, topic: string, body: Uint8Array, options?: CallOptions): Promise<void>;
  /** Number of ids that it was handed to; unknown ids are skipped, an id named twice counts twice. */
  sendBatch(
    sessionIds: readonly string[],
    topic: string,
    body: Uint8Array,
    options?: CallOptions,
  ): Promise<number>;
  broadcast(topic: string, body: Uint8Array, options?: CallOptions): Promise<number>;
  /** Whether a connection of that uid lives on this gate. */
  isConnect(userId: string, options?: CallOptions): Promise<boolean>;
  /** Resolves when the node answered in mqant's RPC, whatever it said. */
  ping(options?: CallOptions): Promise<void>;
  /** Asks the gate to close the connection; a stock gate answers before it is closed. */
  close(sessionId: string, options?: CallOptions): Promise<void>;

  info(options?: CallOptions): Promise<GateInfo>;
  list(query: SessionQuery, options?: CallOptions): Promise<SessionPage>;
  /** All sessions of a uid on this gate. */
  find(userId: string, options?: CallOptions): Promise<readonly ObservedRow[]>;
  count(query?: CountQuery, options?: CallOptions): Promise<SessionCount>;
  stats(options?: CallOptions): Promise<GateStats>;
  /** Starts or renews a feed of events; see EventPage. Rejects with UsageError for a subject that cannot be one. */
  watch(query: WatchQuery, options?: CallOptions): Promise<WatchLease>;
  /** Undefined when there is no record of that uid. */
  recordGet(userId: string, options?: CallOptions): Promise<StoredRecord | undefined>;
  /** False when there was none. A `revision` that is not the stored one rejects with ConflictError. */
  recordDelete(userId: string, revision?: string, options?: CallOptions): Promise<boolean>;
  /** Stores a session's protobuf bytes and resolves with the new revision. Another revision rejects with ConflictError. */
  recordPut(userId: string, value: Uint8Array, put?: RecordPut, options?: CallOptions): Promise<string>;
  recordList(query: ListQuery, options?: CallOptions): Promise<RecordPage>;
}

/** mqant's eleven gate functions, in the spelling of the wire. */
export const stockFunctions = [
  'Update',
  'Bind',
  'UnBind',
  'Push',
  'Set',
  'Remove',
  'Send',
  'SendBatch',
  'BroadCast',
  'IsConnect',
  'Close',
] as const;

/** The functions that we add. */
export const extensionFunctions = [
  'GatectlInfo',
  'GatectlList',
  'GatectlFind',
  'GatectlCount',
  'GatectlStats',
  'GatectlWatch',
  'GatectlEdit',
  'GatectlRecordGet',
  'GatectlRecordPut',
  'GatectlRecordDelete',
  'GatectlRecordList',
] as const;

export type GateFunction = (typeof stockFunctions)[number] | (typeof extensionFunctions)[number];
