import type {CallFailureReason} from '../base/errors.js';
import type {ClusterNode} from '../registry/registry.js';
import type {DeliveryOutcome, GateStats, UnreadRecord} from '../session/gate-api.js';
import type {NodeRole} from '../session/node-kind.js';
import type {ObservedSessionRow, Session} from '../session/session.js';

/** Outcome of a call on one gate, or on the store. */
export interface GateOutcome {
  readonly node: string;
  /** True if the node is a store that was opened directly. */
  readonly isStore?: boolean | undefined;
  readonly status: 'ok' | 'failed';
  readonly reason?: CallFailureReason | undefined;
  /** Human-readable; may contain the gate's own text. */
  readonly message?: string | undefined;
  readonly ms: number;
  /** Number of rows, clients, or whatever the call counts. */
  readonly count: number;
  /** True for a write that was sent and not answered: it may or may not have happened. */
  readonly isUnknown?: boolean | undefined;
  /** Role of a node that was called and lacks the function. */
  readonly role?: NodeRole | undefined;
  /** Records that a listing of records could not read. If set, the gate counts as failed. */
  readonly unread?: UnreadRecordsSummary | undefined;
}

export interface UnreadRecordsSummary {
  readonly count: number;
  /** The first 100 at most. */
  readonly first: readonly UnreadRecord[];
}

/**
 * Source of a row: the gate itself or, for a gate that cannot list, a record or bus traffic. Sessions from records
 * and traffic have been confirmed by their gate.
 */
export type RowSource = 'gate' | 'record' | 'tap';

/**
 * A row with its source (undefined for the gate itself). For the other sources only the session is known: times are
 * missing, and `received` and `sent` are NaN.
 */
export interface RowWithSource extends ObservedSessionRow {
  readonly source?: RowSource | undefined;
}

export interface LocatedRow extends RowWithSource {
  /** Node id of the gate that was called. Takes precedence over the id in the row. */
  readonly node: string;
}

/** Totals of a gate. Of a gate that cannot count, only the known sessions are numbers, and there may be more. */
export interface GateStatistics extends GateStats {
  readonly isAtLeast?: boolean | undefined;
}

/** Streams rows page by page from all gates in parallel. `outcomes` is complete once the rows have ended. */
export interface Listing<Row = LocatedRow> {
  readonly expected: readonly ClusterNode[];
  readonly rows: AsyncIterable<Row>;
  outcomes(): readonly GateOutcome[];
  /** Gates that returned only a sample (`SessionsQuery.sample`); complete once the rows have ended. */
  sampled?(): readonly string[];
}

/** Replies of all gates to one call. `outcomes` has exactly one entry per expected gate. */
export interface Gathered<T> {
  readonly expected: readonly ClusterNode[];
  readonly results: ReadonlyMap<string, T>;
  readonly outcomes: readonly GateOutcome[];
}

export interface LocatedSession {
  readonly node: ClusterNode;
  readonly session: Session;
}

/** A session before and after a write, as its gate reported it. */
export interface SessionBeforeAfter {
  readonly node: ClusterNode;
  readonly before: Session;
  readonly after: Session;
}

export interface KickResult {
  readonly node: ClusterNode;
  readonly session: Session;
  /** `closing`: the gate accepted the request, but still had the session when the wait ended. */
  readonly state: 'closed' | 'closing';
}

export interface DeliverResult extends LocatedSession, DeliveryOutcome {}

/** `refused`: the server closed the connection because it rejected the credentials. */
export type BusLinkState = 'lost' | 'refused' | 'back';
