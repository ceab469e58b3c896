import type {Grouping} from '../selector/grouping.js';
import type {Selector} from '../selector/selector.js';
import type {SortOrder} from '../selector/sort-order.js';

export interface AllGatesListQuery {
  /** Node ids of the gates to ask; all by default. */
  readonly gates?: readonly string[] | undefined;
  /** Stops after this many rows in total. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SessionsQuery extends AllGatesListQuery {
  /** Applied by gates that can filter, and locally for others; the result is the same. */
  readonly where?: Selector | undefined;
  /** With a limit, gates that can sort send only rows that may be in the result. */
  readonly order?: SortOrder | undefined;
  /** Reads at most this many rows from a gate that can't filter or sort; the result is then a sample. */
  readonly sample?: number | undefined;
}

export interface AllGatesCountQuery extends Omit<AllGatesListQuery, 'limit'> {
  readonly where?: Selector | undefined;
  readonly by?: Grouping | undefined;
}

export interface AllGatesWatchQuery {
  readonly gates?: readonly string[] | undefined;
  readonly where?: Selector | undefined;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

export interface LocateOptions {
  /** Accepts a prefix of at least six characters as the id. For reads, and for writes on a terminal. */
  readonly allowPrefix?: boolean | undefined;
}

/** A message of QoS 1 to one session. */
export interface DeliverOptions extends LocateOptions {
  readonly topic: string;
  readonly body: Uint8Array;
  /** How long to wait for the acknowledgement, in milliseconds. */
  readonly waitMs: number;
}
