import type {ClusterNode} from '../registry/registry.js';
import type {GateApi, GateInfo, SessionCount} from '../session/gate-api.js';
import type {NodeKind} from '../session/node-kind.js';
import type {StringBag} from '../session/session.js';
import type {SettingsEdit} from '../session/settings-edit.js';
import type {ClusterProbe} from './access/probe-bus.js';
import type {
  AllGatesCountQuery,
  AllGatesWatchQuery,
  DeliverOptions,
  LocateOptions,
  SessionsQuery,
} from './query-types.js';
import type {RecordAccess, RecordReader} from './records/record-access.js';
import type {
  BusLinkState,
  DeliverResult,
  GateStatistics,
  Gathered,
  KickResult,
  Listing,
  LocatedRow,
  LocatedSession,
  RowWithSource,
  SessionBeforeAfter,
} from './result-types.js';
import type {TapTraffic} from './stock/continuous-bus-tap.js';
import type {StockSources} from './stock/stock-session-search.js';
import type {TraceQuery} from './trace/trace-query.js';
import type {TraceEvent} from './trace/traced-call.js';
import type {ClusterEvent} from './watch/cluster-event.js';
import type {BulkAction} from './write/bulk-action.js';
import type {BulkOptions, Target, TargetOutcome} from './write/paced-writes.js';

export type {ClusterNode} from '../registry/registry.js';
export type {ClusterProbe} from './access/probe-bus.js';
export type * from './query-types.js';
export type {LocatedRecord, RecordAccess, RecordReader} from './records/record-access.js';
export type * from './result-types.js';
export type {TapTraffic} from './stock/continuous-bus-tap.js';
export type {StockSources} from './stock/stock-session-search.js';
export type {TraceQuery} from './trace/trace-query.js';
export type {FunctionSummary, TracedCall, TraceEvent, TraceSummary} from './trace/traced-call.js';
export type {ClusterEvent} from './watch/cluster-event.js';
export type {BulkAction} from './write/bulk-action.js';
export type {Target, TargetOutcome, TargetState} from './write/paced-writes.js';

/**
 * Reads all gates of a cluster, live or from a snapshot. A session reference is an id, `Gate@id/<session id>`, or
 * `uid:<uid>` for a uid with one session. Throws NegativeError ("not found") only if every gate replied, else PartialError.
 */
export interface ClusterReader {
  /** For messages: `nats://…` without credentials, and the registry's name. */
  readonly server: string;
  readonly registry: string;
  /** Records in the gates' storage. */
  readonly records: RecordReader;

  /** The expected gates. Rejects with UnreachableError if none is registered. */
  gates(): Promise<readonly ClusterNode[]>;
  /**
   * Refreshes the expected gates, for long-running commands. Keeps the previous set if the registry fails.
   */
  refreshGates(): Promise<readonly ClusterNode[]>;
  /** All nodes in the registry, of any type; a snapshot has gates only. */
  allNodes(): Promise<readonly ClusterNode[]>;
  list(query?: SessionsQuery): Promise<Listing>;
  /** Counts sessions on gates that can count, and locally for others. */
  count(query?: AllGatesCountQuery): Promise<Gathered<SessionCount>>;
  find(uid: string): Promise<Gathered<readonly RowWithSource[]>>;
  locate(reference: string, options?: LocateOptions): Promise<LocatedSession>;
  /** Times, counts and connection of a located session; undefined if its gate does not report them. */
  rowOf(located: LocatedSession): Promise<LocatedRow | undefined>;
  /**
   * Returns the gates that have a connection of the uid. Works with stock gates. Rejects with PartialError if none
   * has one and a gate did not reply.
   */
  online(uid: string): Promise<readonly string[]>;
  stats(gates?: readonly string[]): Promise<Gathered<GateStatistics>>;
  info(gates?: readonly string[]): Promise<Gathered<GateInfo>>;
  /**
   * Determines the kind of each node from its replies; nodes that do not reply are included. Nodes that are unsafe to
   * call are left out. A snapshot knows only gates that replied.
   */
  kinds(nodes?: readonly ClusterNode[]): Promise<ReadonlyMap<string, NodeKind>>;
  /** Returns the processes behind each node id that several processes share. Empty for a snapshot. */
  processes(): Promise<ReadonlyMap<string, readonly string[]>>;
  close(): Promise<void>;
}

/** Writes to sessions. */
export interface ClusterWriter {
  send(reference: string, topic: string, body: Uint8Array, options?: LocateOptions): Promise<LocatedSession>;
  /** Sends with QoS 1 and waits for the client's acknowledgement. */
  deliver(reference: string, message: DeliverOptions): Promise<DeliverResult>;
  broadcast(topic: string, body: Uint8Array, gates?: readonly string[]): Promise<Gathered<number>>;
  bind(reference: string, uid: string, options?: LocateOptions): Promise<SessionBeforeAfter>;
  unbind(reference: string, options?: LocateOptions): Promise<SessionBeforeAfter>;
  setSettings(reference: string, entries: StringBag, options?: LocateOptions): Promise<SessionBeforeAfter>;
  unsetSettings(
    reference: string,
    keys: readonly string[],
    options?: LocateOptions,
  ): Promise<SessionBeforeAfter>;
  /**
   * Applies an edit to a session's settings. Rejects with SettingsConflictError and changes nothing if a setting
   * differs from what the edit expects. Gates that have GatectlEdit check this atomically; for others the session is
   * read just before the write.
   */
  editSettings(reference: string, edit: SettingsEdit, options?: LocateOptions): Promise<SessionBeforeAfter>;
  kick(reference: string, options: LocateOptions & {readonly waitMs: number}): Promise<KickResult>;
  /** Performs an action on many sessions at a steady rate. Yields one outcome per session that was started. */
  writeAll(
    targets: readonly Target[],
    action: BulkAction,
    pace: Pick<BulkOptions, 'rate' | 'maxErrors' | 'signal' | 'onBegin'>,
  ): AsyncIterable<TargetOutcome>;
}

/** Calls to running gates, and live events. */
export interface LiveCluster {
  gate(node: ClusterNode): GateApi;
  /** Calls all gates at once under one deadline. Resolves when all have replied. */
  each<T>(
    call: (gate: GateApi, node: ClusterNode) => Promise<T>,
    options?: {readonly gates?: readonly string[] | undefined; readonly countOf?: (result: T) => number},
  ): Promise<Gathered<T>>;
  /** Measures the round trip of a harmless call that every mqant node answers. */
  ping(gates?: readonly string[]): Promise<Gathered<void>>;
  /** Reports the properties and permissions of the bus connection without sending anything to a node. */
  probe(): Promise<ClusterProbe>;
  /**
   * Yields events of all gates until the signal aborts. Continues when gates restart; possible losses are yielded as
   * gaps.
   */
  watch(query: AllGatesWatchQuery): AsyncIterable<ClusterEvent>;
  /** Yields the same events in batches: all that have arrived since the last one. */
  watchBatches(query: AllGatesWatchQuery): AsyncIterable<readonly ClusterEvent[]>;
  /**
   * Yields the calls of all nodes on the bus until the signal aborts; the last event is a summary. Only listens.
   * Rejects with PermissionError if NATS does not permit the subscription.
   */
  trace(query: TraceQuery): AsyncIterable<TraceEvent>;
  /** Traffic read so far by the tap for stock gates; undefined if there is no tap. */
  tapCost(): TapTraffic | undefined;
  /**
   * Calls the listener when the bus connection is lost, refused or restored. Returns a function that removes the
   * listener.
   */
  onLink(listener: (state: BusLinkState) => void): () => void;
}

export interface FindOptions {
  /** Gates to search; all by default. */
  readonly gates?: readonly string[] | undefined;
  readonly stock?: StockSources | undefined;
}

/** A running cluster: everything an operator can do. */
export interface Cluster extends ClusterReader, ClusterWriter, LiveCluster {
  readonly records: RecordAccess;
  /**
   * Finds the sessions of a uid. Gates that cannot list them are searched through the cluster's own stock sources, or
   * through `stock`; their results remain incomplete.
   */
  find(uid: string, options?: FindOptions): Promise<Gathered<readonly RowWithSource[]>>;
}
