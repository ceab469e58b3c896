import type {FailureReason} from '../base/errors.js';
import type {ClusterNode} from '../registry/registry.js';
import type {Grouping} from '../selector/grouping.js';
import type {Order} from '../selector/order.js';
import type {Selector} from '../selector/selector.js';
import type {
  GateApi,
  GateInfo,
  GateStats,
  RecordPut,
  SessionCount,
  StoredRecord,
  UnreadRecord,
} from '../session/gate-api.js';
import type {NodeKind, NodeRole} from '../session/node-kind.js';
import type {ObservedRow, Session, StringBag} from '../session/session.js';
import type {SettingsEdit} from '../session/settings-edit.js';
import type {ClusterProbe} from './probe.js';
import type {StockSources} from './stock/stock-sessions.js';
import type {TraceQuery} from './trace/trace-query.js';
import type {TraceEvent} from './trace/traced-call.js';
import type {ClusterEvent} from './watch/watch-sessions.js';
import type {BulkOptions, Target, TargetOutcome} from './write/bulk.js';
import type {BulkAction} from './write/bulk-action.js';

export type {ClusterNode} from '../registry/registry.js';
export type {ClusterProbe} from './probe.js';
export type {StockSources} from './stock/stock-sessions.js';
export type {TraceQuery} from './trace/trace-query.js';
export type {FunctionSummary, TracedCall, TraceEvent, TraceSummary} from './trace/traced-call.js';
export type {ClusterEvent} from './watch/watch-sessions.js';
export type {Target, TargetOutcome, TargetState} from './write/bulk.js';
export type {BulkAction} from './write/bulk-action.js';

/** What became of one gate in a question to all of them. */
export interface GateOutcome {
  readonly node: string;
  readonly status: 'ok' | 'failed';
  readonly reason?: FailureReason | undefined;
  /** For people; may hold the gate's own words. */
  readonly message?: string | undefined;
  readonly ms: number;
  /** Rows, clients or whatever the question counts. */
  readonly count: number;
  /** A write was sent and not answered: whether it was done is not known. */
  readonly isUnknown?: boolean | undefined;
  /** What the node is, where it lacks the function and was asked. */
  readonly role?: NodeRole | undefined;
  /** Of a listing of records: those that could not be read. The gate has failed then, whatever else it gave. */
  readonly unread?: UnreadTally | undefined;
}

export interface UnreadTally {
  readonly count: number;
  /** Not more than 100 of them. */
  readonly first: readonly UnreadRecord[];
}

/** Who told of a row: the gate itself, or, where it cannot list, a record or the bus; then the gate has confirmed it. */
export type RowSource = 'gate' | 'record' | 'tap';

/** `source` absent: the gate. Of others only the session is known: no times, and `received` and `sent` are NaN. */
export interface FoundRow extends ObservedRow {
  readonly source?: RowSource | undefined;
}

export interface LocatedRow extends FoundRow {
  /** Id of the gate that was asked, which is its identity whatever the row says. */
  readonly node: string;
}

/** Rows stream page by page from all gates in parallel; `outcomes` is complete once the rows have ended. */
export interface Listing<Row = LocatedRow> {
  readonly expected: readonly ClusterNode[];
  readonly rows: AsyncIterable<Row>;
  outcomes(): readonly GateOutcome[];
  /** Gates of which only a sample was read (`SessionsQuery.sample`), once the rows have ended. */
  sampled?(): readonly string[];
}

/** Answers of all gates to one question. `outcomes` has one entry for every expected gate, always. */
export interface Gathered<T> {
  readonly expected: readonly ClusterNode[];
  readonly results: ReadonlyMap<string, T>;
  readonly outcomes: readonly GateOutcome[];
}

export interface Located {
  readonly node: ClusterNode;
  readonly session: Session;
}

/** A write on one session: as it was before, as the gate says it is after. */
export interface Change {
  readonly node: ClusterNode;
  readonly before: Session;
  readonly after: Session;
}

export interface KickResult {
  readonly node: ClusterNode;
  readonly session: Session;
  /** `closing`: the gate said yes but still had the session when the waiting time was over. */
  readonly state: 'closed' | 'closing';
}

export interface LocatedRecord extends StoredRecord {
  /** The gate through which the record was read. */
  readonly node: string;
  /** The record as a session; undefined when its bytes are not one, with the reason in `undecodable`. */
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
  /** Who wrote it. */
  readonly node: string;
  readonly revision: string;
}

/** A question for sessions. */
export interface SessionsQuery extends ListQueryAll {
  /** Filtered on gates that can, here otherwise: the answer is the same. */
  readonly where?: Selector | undefined;
  /** With a limit, gates that can sort send only what may be in the answer. */
  readonly order?: Order | undefined;
  /** Reads at most so many rows of a gate that cannot filter or sort itself; its answer is a sample then. */
  readonly sample?: number | undefined;
  /** Where else to look for sessions of gates that cannot list theirs; they stay marked as incomplete. */
  readonly stock?: StockSources | undefined;
}

export interface CountQueryAll extends Omit<ListQueryAll, 'limit'> {
  readonly where?: Selector | undefined;
  readonly by?: Grouping | undefined;
}

export interface WatchQueryAll {
  readonly gates?: readonly string[] | undefined;
  readonly where?: Selector | undefined;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/** `refused`: still lost, because the server did not accept the sign-in. */
export type LinkState = 'lost' | 'refused' | 'back';

/** What storage keeps for users: behind the gates of a cluster, or in a store that was opened directly. */
export interface Records {
  /** Each uid once, though several gates may share one store. */
  list(query?: ListQueryAll): Promise<Listing<LocatedRecord>>;
  /** NegativeError only when every gate answered. */
  get(uid: string): Promise<LocatedRecord>;
  /** Session protobuf bytes, through the gate that is named, or any. ConflictError for another revision. */
  put(
    uid: string,
    value: Uint8Array,
    put?: RecordPut & {readonly node?: string | undefined},
  ): Promise<WrittenRecord>;
  delete(uid: string, revision?: string): Promise<RecordDeletion>;
}

export interface ListQueryAll {
  /** Only these gates (node ids); all when absent. */
  readonly gates?: readonly string[] | undefined;
  /** Stops after so many rows in all. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface LocateOptions {
  /** Whether a prefix of at least six characters may name a session: on a terminal only. */
  readonly allowPrefix?: boolean | undefined;
}

/**
 * The operator's hands over all gates of a cluster. A session is named by its id or by `Gate@id/<session id>`.
 * "Not found" (NegativeError) is only said when every gate answered; else PartialError says it is unknown.
 */
export interface Cluster {
  /** `nats://…` without credentials, and the registry's name: for messages. */
  readonly server: string;
  readonly registry: string;
  readonly timeoutMs: number;

  /** The expected set. UnreachableError when nothing is registered. */
  gates(): Promise<readonly ClusterNode[]>;
  /** The set as it is now, for what stays open; the one before stays in force when it cannot be had. */
  lookAgain(): Promise<readonly ClusterNode[]>;
  /** Calls back when the bus is lost and when it is back; the returned function stops it. */
  onLink(listener: (state: LinkState) => void): () => void;
  gate(node: ClusterNode): GateApi;
  /** Asks all gates at once under one deadline; returns as soon as all have answered. */
  each<T>(
    call: (gate: GateApi, node: ClusterNode) => Promise<T>,
    options?: {readonly gates?: readonly string[] | undefined; readonly countOf?: (result: T) => number},
  ): Promise<Gathered<T>>;

  list(query?: SessionsQuery): Promise<Listing>;
  /** Counted on gates that can, here otherwise. */
  count(query?: CountQueryAll): Promise<Gathered<SessionCount>>;
  stats(gates?: readonly string[]): Promise<Gathered<GateStats>>;
  /** Events of all gates as they happen, until the signal aborts. Survives restarts; what may be missing is said. */
  watch(query: WatchQueryAll): AsyncIterable<ClusterEvent>;
  /**
   * Calls on the bus as they happen, of all nodes, until the signal aborts; the last event is a summary. It only listens.
   * PermissionError when NATS does not permit that.
   */
  trace(query: TraceQuery): AsyncIterable<TraceEvent>;
  /** With `stock` also on gates that cannot name the sessions of a uid; the answer of these stays incomplete. */
  find(uid: string, stock?: StockSources): Promise<Gathered<readonly FoundRow[]>>;
  locate(reference: string, options?: LocateOptions): Promise<Located>;
  /** The times and counts of a session that was located; undefined where its gate has none to give. */
  rowOf(located: Located): Promise<LocatedRow | undefined>;
  info(gates?: readonly string[]): Promise<Gathered<GateInfo>>;
  /** What each node is by its answers, silent ones included; a snapshot knows only of gates that told. */
  kinds(gates?: readonly string[]): Promise<ReadonlyMap<string, NodeKind>>;
  /** The processes of gates that more than one answers as; none in a snapshot. */
  processes(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Round trip of one harmless call to each gate; every node of mqant RPC answers it. */
  ping(gates?: readonly string[]): Promise<Gathered<void>>;

  send(reference: string, topic: string, body: Uint8Array, options?: LocateOptions): Promise<Located>;
  broadcast(topic: string, body: Uint8Array, gates?: readonly string[]): Promise<Gathered<number>>;
  bind(reference: string, uid: string, options?: LocateOptions): Promise<Change>;
  unbind(reference: string, options?: LocateOptions): Promise<Change>;
  setSettings(reference: string, entries: StringBag, options?: LocateOptions): Promise<Change>;
  unsetSettings(reference: string, keys: readonly string[], options?: LocateOptions): Promise<Change>;
  /**
   * Sets and removes what the edit names. SettingsConflictError, with nothing changed, where a setting is not as the edit
   * expects it: decided by the gate where it can (GatectlEdit), else by reading the session just before.
   */
  editSettings(reference: string, edit: SettingsEdit, options?: LocateOptions): Promise<Change>;
  kick(reference: string, options: LocateOptions & {readonly waitMs: number}): Promise<KickResult>;

  /** Does one thing to many sessions, evenly paced; an outcome for each that was begun. */
  writeAll(
    targets: readonly Target[],
    action: BulkAction,
    pace: Pick<BulkOptions, 'rate' | 'maxErrors' | 'signal' | 'onBegin'>,
  ): AsyncIterable<TargetOutcome>;

  /** Behind the gates. */
  readonly records: Records;
  /** Gates that have a connection of the uid; works on stock gates. PartialError when a gate does not say. */
  online(uid: string): Promise<readonly string[]>;

  /** What the bus is and permits, asked without anybody hearing it. */
  probe(): Promise<ClusterProbe>;

  close(): Promise<void>;
}
