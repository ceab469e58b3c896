import type {ClusterNode} from '../registry/registry.js';
import type {GateApi, GateInfo, GateStats, SessionCount} from '../session/gate-api.js';
import type {NodeKind} from '../session/node-kind.js';
import type {StringBag} from '../session/session.js';
import type {SettingsEdit} from '../session/settings-edit.js';
import type {
  Change,
  FoundRow,
  Gathered,
  KickResult,
  LinkState,
  Listing,
  Located,
  LocatedRow,
} from './answers.js';
import type {ClusterProbe} from './probe.js';
import type {CountQueryAll, LocateOptions, SessionsQuery, WatchQueryAll} from './queries.js';
import type {RecordReader, Records} from './records/records.js';
import type {StockQuery} from './stock/list-stock.js';
import type {StockSources} from './stock/stock-sessions.js';
import type {TraceQuery} from './trace/trace-query.js';
import type {TraceEvent} from './trace/traced-call.js';
import type {ClusterEvent} from './watch/cluster-event.js';
import type {BulkOptions, Target, TargetOutcome} from './write/bulk.js';
import type {BulkAction} from './write/bulk-action.js';

export type {ClusterNode} from '../registry/registry.js';
export type * from './answers.js';
export type {ClusterProbe} from './probe.js';
export type * from './queries.js';
export type {LocatedRecord, RecordReader, Records} from './records/records.js';
export type {StockSources} from './stock/stock-sessions.js';
export type {TraceQuery} from './trace/trace-query.js';
export type {FunctionSummary, TracedCall, TraceEvent, TraceSummary} from './trace/traced-call.js';
export type {ClusterEvent} from './watch/cluster-event.js';
export type {Target, TargetOutcome, TargetState} from './write/bulk.js';
export type {BulkAction} from './write/bulk-action.js';

/**
 * Reads all gates of a cluster, live or from a snapshot. A session is named by its id or by `Gate@id/<session id>`.
 * "Not found" (NegativeError) is only said when every gate answered; else PartialError says it is unknown.
 */
export interface ClusterReader {
  /** `nats://…` without credentials, and the registry's name: for messages. */
  readonly server: string;
  readonly registry: string;
  /** Behind the gates. */
  readonly records: RecordReader;

  /** The expected set. UnreachableError when nothing is registered. */
  gates(): Promise<readonly ClusterNode[]>;
  /** The set as it is now, for what stays open; the one before stays in force when it cannot be had. */
  lookAgain(): Promise<readonly ClusterNode[]>;
  list(query?: SessionsQuery): Promise<Listing>;
  /** Counted on gates that can, here otherwise. */
  count(query?: CountQueryAll): Promise<Gathered<SessionCount>>;
  find(uid: string): Promise<Gathered<readonly FoundRow[]>>;
  locate(reference: string, options?: LocateOptions): Promise<Located>;
  /** The times and counts of a session that was located; undefined where its gate has none to give. */
  rowOf(located: Located): Promise<LocatedRow | undefined>;
  /** Gates that have a connection of the uid; works on stock gates. PartialError when a gate does not say. */
  online(uid: string): Promise<readonly string[]>;
  stats(gates?: readonly string[]): Promise<Gathered<GateStats>>;
  info(gates?: readonly string[]): Promise<Gathered<GateInfo>>;
  /** What each node is by its answers, silent ones included; a snapshot knows only of gates that told. */
  kinds(gates?: readonly string[]): Promise<ReadonlyMap<string, NodeKind>>;
  /** The processes of gates that more than one answers as; none in a snapshot. */
  processes(): Promise<ReadonlyMap<string, readonly string[]>>;
  close(): Promise<void>;
}

/** Writes to sessions. */
export interface ClusterWriter {
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
}

/** Calls of running gates, and what happens while it is looked at. */
export interface LiveCluster {
  gate(node: ClusterNode): GateApi;
  /** Asks all gates at once under one deadline; returns as soon as all have answered. */
  each<T>(
    call: (gate: GateApi, node: ClusterNode) => Promise<T>,
    options?: {readonly gates?: readonly string[] | undefined; readonly countOf?: (result: T) => number},
  ): Promise<Gathered<T>>;
  /** Round trip of one harmless call to each gate; every node of mqant RPC answers it. */
  ping(gates?: readonly string[]): Promise<Gathered<void>>;
  /** What the bus is and permits, asked without anybody hearing it. */
  probe(): Promise<ClusterProbe>;
  /** Events of all gates as they happen, until the signal aborts. Survives restarts; what may be missing is said. */
  watch(query: WatchQueryAll): AsyncIterable<ClusterEvent>;
  /**
   * Calls on the bus as they happen, of all nodes, until the signal aborts; the last event is a summary. It only listens.
   * PermissionError when NATS does not permit that.
   */
  trace(query: TraceQuery): AsyncIterable<TraceEvent>;
  /** Calls back when the bus is lost and when it is back; the returned function stops it. */
  onLink(listener: (state: LinkState) => void): () => void;
}

/** A cluster that runs: everything an operator can do. */
export interface Cluster extends ClusterReader, ClusterWriter, LiveCluster {
  readonly records: Records;
  list(query?: StockQuery): Promise<Listing>;
  /** With `stock` also on gates that cannot name the sessions of a uid; the answer of these stays incomplete. */
  find(uid: string, stock?: StockSources): Promise<Gathered<readonly FoundRow[]>>;
}
