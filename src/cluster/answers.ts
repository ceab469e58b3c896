import type {FailureReason} from '../base/errors.js';
import type {ClusterNode} from '../registry/registry.js';
import type {UnreadRecord} from '../session/gate-api.js';
import type {NodeRole} from '../session/node-kind.js';
import type {ObservedRow, Session} from '../session/session.js';

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
type RowSource = 'gate' | 'record' | 'tap';

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

/** `refused`: still lost, because the server did not accept the sign-in. */
export type LinkState = 'lost' | 'refused' | 'back';
