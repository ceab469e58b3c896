import type {FailureReason} from '../base/errors.js';
import type {ConnectionsQuery} from './connection-state.js';
import type {EncodedRows} from './fast/page-walk.js';
import type {GateAdmission, HitsByLimit} from './gate-admission.js';
import type {ObservedRow, Session, SessionRow, StringBag} from './session.js';
import type {SettingsEdit} from './settings-edit.js';

export interface CallOptions {
  /** Deadline of this call in milliseconds. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Version of the extension protocol (`Gatectl…` functions), see docs/reference/protocol.md. */
export const protocolVersion = 1;

/** Whether a gate takes new sessions. A draining gate refuses them until it is resumed or restarted. */
export type ServiceState = 'serving' | 'draining';

/** Returns the state of a gate for people: a draining gate without sessions is drained. */
export function shownState({
  state,
  sessions,
}: Pick<GateStats, 'state' | 'sessions'>): ServiceState | 'drained' | undefined {
  return state === 'draining' && sessions === 0 ? 'drained' : state;
}

/** The state of a gate after GatectlDrain, and the number of its sessions. */
export interface DrainState {
  readonly state: ServiceState;
  readonly sessions: number;
}

/** The reply to GatectlInfo: a node's description of itself. */
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
  /** Names of all functions that the node serves. */
  readonly functions: readonly string[];
  readonly storage: StorageState;
  /** Size limit of the node's pages, in bytes. */
  readonly pageLimitBytes: number;
  /** Absent when the gate can't be drained. */
  readonly state?: ServiceState | undefined;
  /** Absent on gates that do not report it. */
  readonly admission?: GateAdmission | undefined;
}

/** Capabilities of a gate's StorageHandler. `kind` is free text for display: `none`, `memory`, `file` … */
export interface StorageAbility {
  readonly kind: string;
  readonly get: boolean;
  readonly put: boolean;
  readonly delete: boolean;
  readonly list: boolean;
  /** Records can expire. */
  readonly expire: boolean;
}

/** Durability as the store reports it. `powerLoss` describes in words what a power loss costs. */
export interface Durability {
  readonly onDisk: boolean;
  readonly powerLoss: string;
}

/** State of a gate's storage, including the backlog of unsaved sessions. */
export interface StorageState extends StorageAbility, Partial<Durability> {
  /** Number of sessions whose latest state is not stored yet. */
  readonly dirty: number;
  /** Why the last write failed, while sessions are dirty; absent when the gate doesn't report it. */
  readonly failure?: string | undefined;
  /** Number of keys that a listing of records scans; absent when the storage can't count them. */
  readonly records?: number | undefined;
}

export interface ListQuery {
  /** Cursor returned with the previous page; empty for the first page. */
  readonly after?: string | undefined;
  /** Maximum number of rows in this page. */
  readonly limit?: number | undefined;
}

export interface SessionQuery extends ListQuery {
  /** Selector text. A gate that can't filter ignores it and leaves `filtered` unset in its page. */
  readonly where?: string | undefined;
  /** Sort order, such as `-age`: returns the first `limit` sessions in one page. A gate that can't sort ignores it. */
  readonly sort?: string | undefined;
}

export interface SessionPage {
  readonly rows: readonly SessionRow[];
  /** The same rows as validated bytes, when available: readers of these avoid building `rows`. */
  readonly encoded?: EncodedRows | undefined;
  /** Cursor of the next page; empty on the last page. */
  readonly next: string;
  /** Time of the page in Unix milliseconds by the gate's clock; absent when the gate doesn't report it. */
  readonly now?: number | undefined;
  /** The gate applied `where`: every row matches. */
  readonly filtered?: boolean | undefined;
  /** The gate applied `sort`: these rows come first in that order, and there is no next page. */
  readonly sorted?: boolean | undefined;
}

export interface CountQuery {
  /** Selector text. A gate that can't filter counts all sessions and leaves `filtered` unset. */
  readonly where?: string | undefined;
  /** Field to group by: `network`, `uid`, `guest` or `settings.<key>`. */
  readonly by?: string | undefined;
}

export interface GroupCount {
  /** Null for sessions without that setting. */
  readonly key: string | null;
  readonly sessions: number;
  readonly bound: number;
}

export interface SessionCount {
  readonly sessions: number;
  readonly bound: number;
  /** The gate applied `where`. */
  readonly filtered?: boolean | undefined;
  /** Groups of `by`; absent when the gate can't group, or when the groups exceed the size of a reply. */
  readonly groups?: readonly GroupCount[] | undefined;
}

/** Totals of a gate since its start, from which rates are derived. */
export interface GateStats {
  /** Unix milliseconds by the gate's clock. */
  readonly now: number;
  readonly startedAt: number;
  readonly sessions: number;
  readonly bound: number;
  readonly connects: number;
  readonly disconnects: number;
  /** MQTT packets with a body, received from and sent to clients. */
  readonly received: number;
  readonly sent: number;
  /** Number of sessions whose latest state is not stored yet. */
  readonly dirty: number;
  /** Connections and sign-ins refused; absent when not counted. */
  readonly refused?: number | undefined;
  /** Calls and feeds refused because their reply subject is not an allowed inbox; absent when not counted. */
  readonly refusedReplies?: number | undefined;
  /** Absent when not counted. */
  readonly limitHits?: HitsByLimit | undefined;
  /** Absent when the gate can't be drained. */
  readonly state?: ServiceState | undefined;
}

export interface WatchQuery {
  /** Subject that receives the events. It identifies the feed: a second request for it renews the lease. */
  readonly inbox: string;
  /** Lease in milliseconds, 1,000 to 60,000: the feed ends this long after the latest request. */
  readonly leaseMs: number;
  /** Selector text, matched against the session before and after an event. A gate that can't filter ignores it. */
  readonly where?: string | undefined;
}

export interface WatchLease {
  /** Number of the feed. A new number means that the gate dropped the previous feed and events may be lost. */
  readonly feed: number;
  /** Number of the next event; all earlier events were sent before this reply. */
  readonly next: number;
  readonly leaseMs: number;
  /** The gate applied `where`; otherwise the feed has events of all sessions. */
  readonly filtered?: boolean | undefined;
  /** Unix milliseconds by the gate's clock. */
  readonly now: number;
}

/** Stored bytes in a project's own encoding, such as JSON. */
export interface ForeignValue {
  readonly encoding: string;
  readonly bytes: Uint8Array;
}

/** The record that a StorageHandler keeps for one uid. */
export interface StoredRecord {
  readonly uid: string;
  /** The session as protobuf; the unchanged stored bytes when `fault` is set. */
  readonly value: Uint8Array;
  /** Changes with every write of the record; empty where the store has none. */
  readonly revision: string;
  /** Unix milliseconds; 0 when the record never expires; undefined when the expiry is unknown. */
  readonly expiresAt: number | undefined;
  /** Reason why the store's encoding could not decode the stored bytes. */
  readonly fault?: string | undefined;
  /** The stored bytes, when they hold more than `value` can express. */
  readonly stored?: ForeignValue | undefined;
}

/** A record that exists but could not be read. */
export interface UnreadRecord {
  readonly uid: string;
  readonly reason: FailureReason;
  readonly message: string;
}

export interface RecordPut {
  /** Expected stored revision; an empty text requires that no record exists. */
  readonly revision?: string | undefined;
  /** Time to live in milliseconds, 0 for never; undefined keeps the current expiry. */
  readonly ttlMs?: number | undefined;
  /** Bytes to store verbatim instead of the session's. Only a store with that encoding accepts them. */
  readonly stored?: ForeignValue | undefined;
}

export interface RecordPage {
  readonly records: readonly StoredRecord[];
  /** Records of this page that could not be read. */
  readonly unread?: readonly UnreadRecord[] | undefined;
  readonly next: string;
}

/** Message of QoS 1 for several sessions of a gate. */
export interface DeliverQuery {
  readonly sessions: readonly string[];
  readonly topic: string;
  /** How long to wait for the acknowledgements, in milliseconds, 1 to 60,000. */
  readonly waitMs: number;
}

/** Highest number of sessions, and of milliseconds, in a DeliverQuery. */
export const maxDeliverSessions = 1_000;
export const maxDeliverWaitMs = 60_000;

/**
 * `acknowledged`: the client sent its PUBACK. `unacknowledged`: sent without a PUBACK in time, the message may have
 * arrived. `refused`: the client's PUBACK has an error code. `unsent`: nothing was sent. `gone`: no such session.
 */
export const deliveryStates = ['acknowledged', 'unacknowledged', 'refused', 'unsent', 'gone'] as const;

/** How a message of QoS 1 to one session ended. */
export interface DeliveryOutcome {
  readonly state: (typeof deliveryStates)[number];
  /** Why it is not acknowledged. */
  readonly detail?: string | undefined;
}

/**
 * The functions of a gate: mqant's eleven and the extension. The gate itself, the client over the bus and a fake
 * in tests implement it, and one contract suite runs against all three.
 *
 * Calls on a missing session reject with NoSessionError; functions that the node lacks reject with CallError
 * `unsupported`. Writes resolve with the session's state after the write.
 */
export interface GateApi {
  readonly nodeId: string;

  update(sessionId: string, options?: CallOptions): Promise<Session>;
  bind(sessionId: string, userId: string, options?: CallOptions): Promise<Session>;
  unbind(sessionId: string, options?: CallOptions): Promise<Session>;
  /** Sets the given settings and leaves all others unchanged. */
  push(sessionId: string, settings: StringBag, options?: CallOptions): Promise<Session>;
  set(sessionId: string, key: string, value: string, options?: CallOptions): Promise<Session>;
  /** Removing a missing key succeeds, as in mqant. */
  remove(sessionId: string, key: string, options?: CallOptions): Promise<Session>;
  /** Applies an edit atomically. Rejects with ConflictError when a setting differs from what the edit expects. */
  edit(sessionId: string, edit: SettingsEdit, options?: CallOptions): Promise<Session>;
  /** Resolves when the message is handed to the connection, which doesn't imply delivery. */
  send(sessionId: string, topic: string, body: Uint8Array, options?: CallOptions): Promise<void>;
  /** Returns the number of sessions that the message was handed to. Unknown ids are skipped; repeated ids count twice. */
  sendBatch(
    sessionIds: readonly string[],
    topic: string,
    body: Uint8Array,
    options?: CallOptions,
  ): Promise<number>;
  broadcast(topic: string, body: Uint8Array, options?: CallOptions): Promise<number>;
  /** Sends with QoS 1 and waits for the clients' PUBACKs. Returns one delivery for each session, in order. */
  deliver(query: DeliverQuery, body: Uint8Array, options?: CallOptions): Promise<readonly DeliveryOutcome[]>;
  /** Reports whether this gate holds a connection of the uid. */
  isConnect(userId: string, options?: CallOptions): Promise<boolean>;
  /** Resolves on any mqant RPC reply, including an error. */
  ping(options?: CallOptions): Promise<void>;
  /** Asks the gate to close the connection. A stock gate replies before the connection is closed. */
  close(sessionId: string, options?: CallOptions): Promise<void>;

  info(options?: CallOptions): Promise<GateInfo>;
  list(query: SessionQuery, options?: CallOptions): Promise<SessionPage>;
  /** Returns all sessions of a uid on this gate. */
  find(userId: string, options?: CallOptions): Promise<readonly ObservedRow[]>;
  /** Returns sessions with the state of their connections: the given ones, or the most stuck, in one page. */
  connections(query: ConnectionsQuery, options?: CallOptions): Promise<SessionPage>;
  count(query?: CountQuery, options?: CallOptions): Promise<SessionCount>;
  stats(options?: CallOptions): Promise<GateStats>;
  /**
   * Makes the gate refuse new sessions, or take them again. Existing sessions stay; a client whose
   * session is closed while the gate drains gets the reason code for using another server.
   */
  setDraining(draining: boolean, options?: CallOptions): Promise<DrainState>;
  /** Starts or renews a feed of events; see EventPage. Rejects with UsageError for an invalid inbox subject. */
  watch(query: WatchQuery, options?: CallOptions): Promise<WatchLease>;
  /** Resolves with undefined when the uid has no record. */
  recordGet(userId: string, options?: CallOptions): Promise<StoredRecord | undefined>;
  /** Resolves with false when there was no record. Rejects with ConflictError when the stored revision differs. */
  recordDelete(userId: string, revision?: string, options?: CallOptions): Promise<boolean>;
  /** Stores a session's protobuf bytes and resolves with the new revision. Rejects with ConflictError when the stored revision differs. */
  recordPut(userId: string, value: Uint8Array, put?: RecordPut, options?: CallOptions): Promise<string>;
  recordList(query: ListQuery, options?: CallOptions): Promise<RecordPage>;
}

/** mqant's eleven gate functions, spelled as on the wire. */
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

/** Functions of gatectl's extension protocol. */
export const extensionFunctions = [
  'GatectlInfo',
  'GatectlList',
  'GatectlFind',
  'GatectlConnections',
  'GatectlCount',
  'GatectlStats',
  'GatectlWatch',
  'GatectlDrain',
  'GatectlEdit',
  'GatectlDeliver',
  'GatectlRecordGet',
  'GatectlRecordPut',
  'GatectlRecordDelete',
  'GatectlRecordList',
] as const;

export type GateFunction = (typeof stockFunctions)[number] | (typeof extensionFunctions)[number];
