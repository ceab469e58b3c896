import type {CallFailureReason} from '../base/errors.js';
import type {ConnectionsQuery} from './connection-state.js';
import type {EncodedRows} from './fast/validate-page.js';
import type {GateAdmission, HitsByLimit} from './gate-admission.js';
import type {DrainState, GateHealth, GateServiceState} from './gate-health.js';
import type {ObservedSessionRow, Session, SessionRow, StringBag} from './session.js';
import type {SettingsEdit} from './settings-edit.js';

export interface CallOptions {
  /** Timeout of this call, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Version of the extension protocol (`Gatectl…` functions); see docs/reference/protocol.md. */
export const extensionProtocolVersion = 1;
/** Reply to GatectlInfo: what a gate reports about itself. */
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
  /** Names of all functions that the gate serves. */
  readonly functions: readonly string[];
  readonly storage: StorageState;
  /** Maximum size of the gate's pages, in bytes. */
  readonly pageLimitBytes: number;
  /** Undefined if the gate can't be drained. */
  readonly state?: GateServiceState | undefined;
  /** Undefined if the gate does not report it. */
  readonly admission?: GateAdmission | undefined;
  /** Undefined if the gate does not report it. */
  readonly health?: GateHealth | undefined;
}

/** What a gate's StorageHandler can do. `kind` is free text for display: `none`, `memory`, `file` … */
export interface StorageCapabilities {
  readonly kind: string;
  readonly get: boolean;
  readonly put: boolean;
  readonly delete: boolean;
  readonly list: boolean;
  /** Whether records can expire. */
  readonly expire: boolean;
}

/** Durability as reported by the store. `powerLoss` describes in words what is lost in a power failure. */
export interface Durability {
  readonly onDisk: boolean;
  readonly powerLoss: string;
}

/** State of a gate's storage, with the number of unsaved sessions. */
export interface StorageState extends StorageCapabilities, Partial<Durability> {
  /** Number of sessions whose latest state is not yet stored. */
  readonly dirty: number;
  /** Why the last write failed, while sessions are dirty; undefined if the gate doesn't report it. */
  readonly failure?: string | undefined;
  /** Number of keys that a listing of records scans; undefined if the storage can't count them. */
  readonly records?: number | undefined;
}

export interface ListQuery {
  /** Cursor from the previous page; empty for the first page. */
  readonly after?: string | undefined;
  /** Maximum number of rows in the page. */
  readonly limit?: number | undefined;
}

export interface SessionQuery extends ListQuery {
  /** Text of a selector. A gate that can't filter ignores it, and leaves `filtered` unset in its page. */
  readonly where?: string | undefined;
  /**
   * Sort order, such as `-age`. The gate then returns the first `limit` sessions in one page. A gate that can't sort
   * ignores it.
   */
  readonly sort?: string | undefined;
}

export interface SessionPage {
  readonly rows: readonly SessionRow[];
  /** The same rows as validated bytes, if available. Reading these avoids decoding `rows`. */
  readonly encoded?: EncodedRows | undefined;
  /** Cursor of the next page; empty on the last page. */
  readonly next: string;
  /** Time of the page by the gate's clock, in Unix milliseconds; undefined if the gate doesn't report it. */
  readonly now?: number | undefined;
  /** True if the gate applied `where`, so every row matches. */
  readonly filtered?: boolean | undefined;
  /** True if the gate applied `sort`: these rows come first in that order, and there is no next page. */
  readonly sorted?: boolean | undefined;
}

export interface CountQuery {
  /** Text of a selector. A gate that can't filter counts all sessions, and leaves `filtered` unset. */
  readonly where?: string | undefined;
  /** Field to group by: `network`, `uid`, `guest` or `settings.<key>`. */
  readonly by?: string | undefined;
}

export interface GroupCount {
  /** Null for sessions that lack the setting. */
  readonly key: string | null;
  readonly sessions: number;
  readonly bound: number;
}

export interface SessionCount {
  readonly sessions: number;
  readonly bound: number;
  /** True if the gate applied `where`. */
  readonly filtered?: boolean | undefined;
  /** Counts by group; undefined if the gate can't group, or if the groups don't fit into a reply. */
  readonly groups?: readonly GroupCount[] | undefined;
}

/** A gate's session counts, and its totals since it started, from which rates are calculated. */
export interface GateStats extends Pick<StorageState, 'dirty' | 'failure'> {
  /** Unix milliseconds by the gate's clock. */
  readonly now: number;
  readonly startedAt: number;
  readonly sessions: number;
  readonly bound: number;
  readonly connects: number;
  readonly disconnects: number;
  /** Number of MQTT packets with a body, received from and sent to clients. */
  readonly received: number;
  readonly sent: number;
  /** Number of refused connections and sign-ins; undefined if not counted. */
  readonly refused?: number | undefined;
  /**
   * Number of calls and feeds refused because their reply subject is not an allowed inbox; undefined if not counted.
   */
  readonly refusedReplies?: number | undefined;
  /** Undefined if not counted. */
  readonly limitHits?: HitsByLimit | undefined;
  /** Undefined if the gate can't be drained. */
  readonly state?: GateServiceState | undefined;
  /** Undefined if the gate does not report it. */
  readonly health?: GateHealth | undefined;
}

export interface WatchQuery {
  /** Subject to send events to. It identifies the feed: another request with the same inbox renews the lease. */
  readonly inbox: string;
  /** Duration of the lease, 1,000 to 60,000 milliseconds. The feed ends this long after the latest request. */
  readonly leaseMs: number;
  /** Selector of sessions before or after an event. A gate that can't filter ignores it. */
  readonly where?: string | undefined;
}

export interface WatchLease {
  /** Number of the feed. A new number means that the gate ended the previous feed, so events may be lost. */
  readonly feed: number;
  /** Number of the next event. All earlier events were sent before this reply. */
  readonly next: number;
  readonly leaseMs: number;
  /** True if the gate applied `where`; otherwise the feed has the events of all sessions. */
  readonly filtered?: boolean | undefined;
  /** Unix milliseconds by the gate's clock. */
  readonly now: number;
}

/** Stored bytes in a project's own encoding, such as JSON. */
export interface ForeignValue {
  readonly encoding: string;
  readonly bytes: Uint8Array;
}

/** The record of one uid in a StorageHandler. */
export interface StoredRecord {
  readonly uid: string;
  /** The session as protobuf. If `fault` is set, the stored bytes as they are. */
  readonly value: Uint8Array;
  /** Changes with every write of the record; empty if the store has no revisions. */
  readonly revision: string;
  /** Unix milliseconds; 0 if the record never expires, undefined if that is unknown. */
  readonly expiresAt: number | undefined;
  /** Why the stored bytes could not be decoded with the store's encoding. */
  readonly fault?: string | undefined;
  /** The stored bytes, if they contain more than `value` can express. */
  readonly stored?: ForeignValue | undefined;
}

/** A record that exists but could not be read. */
export interface UnreadRecord {
  readonly uid: string;
  readonly reason: CallFailureReason;
  readonly message: string;
}

export interface RecordPut {
  /** Revision that the record must have; an empty string requires that there is no record. */
  readonly revision?: string | undefined;
  /** Time to live in milliseconds; 0 for no expiry, undefined to keep the current expiry. */
  readonly ttlMs?: number | undefined;
  /** Bytes to store as they are, instead of the session's. Only a store with that encoding accepts them. */
  readonly stored?: ForeignValue | undefined;
}

export interface RecordPage {
  readonly records: readonly StoredRecord[];
  /** Records in this page that could not be read. */
  readonly unread?: readonly UnreadRecord[] | undefined;
  readonly next: string;
}

/** A message with QoS 1 to several sessions of a gate. */
export interface DeliverQuery {
  readonly sessions: readonly string[];
  readonly topic: string;
  /** How long to wait for acknowledgements: 1 to 60,000 milliseconds. */
  readonly waitMs: number;
}

/** Maximum number of sessions in a DeliverQuery, and maximum of its `waitMs`. */
export const maxDeliverSessions = 1_000;
export const maxDeliverWaitMs = 60_000;

/**
 * `acknowledged`: the client sent a PUBACK. `unacknowledged`: sent, but without a PUBACK in time; the message may
 * have arrived. `refused`: the client sent a PUBACK with an error code. `unsent`: nothing was sent. `gone`: there is
 * no such session.
 */
export const deliveryStates = ['acknowledged', 'unacknowledged', 'refused', 'unsent', 'gone'] as const;

/** Result of sending a message with QoS 1 to one session. */
export interface DeliveryOutcome {
  readonly state: (typeof deliveryStates)[number];
  /** Why the message was not acknowledged. */
  readonly detail?: string | undefined;
}

/**
 * The functions of a gate: the eleven of mqant and those of the extension. It is implemented by the gate itself, by
 * the client over the bus, and by a fake for tests; one contract test suite runs against all three.
 * Calls on a missing session reject with NoSessionError. Functions that the node lacks reject with CallError
 * `unsupported`. Writes resolve with the state of the session after the write.
 */
export interface GateApi {
  readonly nodeId: string;

  update(sessionId: string, options?: CallOptions): Promise<Session>;
  bind(sessionId: string, userId: string, options?: CallOptions): Promise<Session>;
  unbind(sessionId: string, options?: CallOptions): Promise<Session>;
  /** Sets the given settings; all others stay unchanged. */
  push(sessionId: string, settings: StringBag, options?: CallOptions): Promise<Session>;
  set(sessionId: string, key: string, value: string, options?: CallOptions): Promise<Session>;
  /** Removes a setting. Succeeds if there is no such setting, as in mqant. */
  remove(sessionId: string, key: string, options?: CallOptions): Promise<Session>;
  /**
   * Applies an edit atomically. Rejects with SettingsConflictError if a setting differs from what the edit expects.
   */
  edit(sessionId: string, edit: SettingsEdit, options?: CallOptions): Promise<Session>;
  /** Resolves once the message has been handed to the connection, which doesn't mean that it has arrived. */
  send(sessionId: string, topic: string, body: Uint8Array, options?: CallOptions): Promise<void>;
  /**
   * Resolves with the number of sessions that the message was handed to. Unknown ids are skipped; repeated ids count
   * twice.
   */
  sendBatch(
    sessionIds: readonly string[],
    topic: string,
    body: Uint8Array,
    options?: CallOptions,
  ): Promise<number>;
  broadcast(topic: string, body: Uint8Array, options?: CallOptions): Promise<number>;
  /**
   * Sends a message with QoS 1 and waits for the clients' PUBACKs. Resolves with one delivery per session, in order.
   */
  deliver(query: DeliverQuery, body: Uint8Array, options?: CallOptions): Promise<readonly DeliveryOutcome[]>;
  /** Resolves with true if the uid has a connection on this gate. */
  isConnect(userId: string, options?: CallOptions): Promise<boolean>;
  /** Resolves on any reply in mqant's RPC, even an error. */
  ping(options?: CallOptions): Promise<void>;
  /** Closes the session's connection. A stock gate replies before it has closed it. */
  close(sessionId: string, options?: CallOptions): Promise<void>;

  info(options?: CallOptions): Promise<GateInfo>;
  list(query: SessionQuery, options?: CallOptions): Promise<SessionPage>;
  /** Resolves with all sessions of a uid on this gate. */
  find(userId: string, options?: CallOptions): Promise<readonly ObservedSessionRow[]>;
  /** Returns sessions with the state of their connections: the given ones, or the most stuck, in one page. */
  connections(query: ConnectionsQuery, options?: CallOptions): Promise<SessionPage>;
  count(query?: CountQuery, options?: CallOptions): Promise<SessionCount>;
  stats(options?: CallOptions): Promise<GateStats>;
  /**
   * Makes the gate refuse new sessions, or accept them again. Existing sessions stay. A client whose session is
   * closed while the gate drains gets the reason code "use another server".
   */
  setDraining(draining: boolean, options?: CallOptions): Promise<DrainState>;
  /** Starts or renews a feed of events; see EventPage. Rejects with UsageError for an invalid inbox subject. */
  watch(query: WatchQuery, options?: CallOptions): Promise<WatchLease>;
  /** Resolves with undefined if the uid has no record. */
  recordGet(userId: string, options?: CallOptions): Promise<StoredRecord | undefined>;
  /**
   * Deletes a record; resolves with false if there was none. Rejects with ConflictError if the record has another
   * revision.
   */
  recordDelete(userId: string, revision?: string, options?: CallOptions): Promise<boolean>;
  /**
   * Stores the protobuf bytes of a session and resolves with the new revision. Rejects with ConflictError if the
   * record has another revision.
   */
  recordPut(userId: string, value: Uint8Array, put?: RecordPut, options?: CallOptions): Promise<string>;
  recordList(query: ListQuery, options?: CallOptions): Promise<RecordPage>;
}

/** The eleven functions of an mqant gate, spelled as on the wire. */
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
