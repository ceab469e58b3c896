import type {FailureReason} from '../base/errors.js';
import type {ClusterNode} from '../registry/registry.js';
import type {DeliveryOutcome, GateStats, UnreadRecord} from '../session/gate-api.js';
import type {NodeRole} from '../session/node-kind.js';
import type {ObservedRow, Session} from '../session/session.js';

/** Outcome of one gate, or of the one store, in a call to all. */
export interface GateOutcome {
  readonly node: string;
  /** The node is a store that was opened directly. */
  readonly isStore?: boolean | undefined;
  readonly status: 'ok' | 'failed';
  readonly reason?: FailureReason | undefined;
  /** Human-readable; may contain the gate's own text. */
  readonly message?: string | undefined;
  readonly ms: number;
  /** Number of rows, clients, or whatever the call counts. */
  readonly count: number;
  /** True for a write that was sent and not answered: it may or may not have happened. */
  readonly isUnknown?: boolean | undefined;
  /** Role of a node that lacks the function, if it was asked. */
  readonly role?: NodeRole | undefined;
  /** For record listings: records that could not be read. If set, the gate counts as failed. */
  readonly unread?: UnreadTally | undefined;
}

export interface UnreadTally {
  readonly count: number;
  /** At most 100. */
  readonly first: readonly UnreadRecord[];
}

/**
 * Source of a row: the gate, or, if the gate cannot list, a record or bus traffic. In the latter cases the
 * gate confirmed the session.
 */
export type RowSource = 'gate' | 'record' | 'tap';

/**
 * A row and its source (the gate if undefined). From other sources only the session is known: times are
 * missing, and `received` and `sent` are NaN.
 */
export interface FoundRow extends ObservedRow {
  readonly source?: RowSource | undefined;
}

export interface LocatedRow extends FoundRow {
  /** Node id of the gate that was asked. Trusted over the id in the row. */
  readonly node: string;
}

/** Totals of a gate. Of a gate that cannot count, only the known sessions are numbers, and there may be more. */
export interface GateStatistics extends GateStats {
  readonly isAtLeast?: boolean | undefined;
}

/** Streams rows page by page from all gates in parallel. `outcomes` is complete when the rows have ended. */
export interface Listing<Row = LocatedRow> {
  readonly expected: readonly ClusterNode[];
  readonly rows: AsyncIterable<Row>;
  outcomes(): readonly GateOutcome[];
  /** Gates of which only a sample was read (`SessionsQuery.sample`); complete when the rows have ended. */
  sampled?(): readonly string[];
}

/** Replies of all gates to one call. `outcomes` has exactly one entry per expected gate. */
export interface Gathered<T> {
  readonly expected: readonly ClusterNode[];
  readonly results: ReadonlyMap<string, T>;
  readonly outcomes: readonly GateOutcome[];
}

export interface Located {
  readonly node: ClusterNode;
  readonly session: Session;
}

/** A session before and after a write, as its gate reported it. */
export interface Change {
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

export interface DeliverResult extends Located, DeliveryOutcome {}

/** `refused`: disconnected, because the server rejected the credentials. */
export type LinkState = 'lost' | 'refused' | 'back';
