import type {Grouping} from '../selector/grouping.js';
import type {Order} from '../selector/order.js';
import type {Selector} from '../selector/selector.js';

export interface ListQueryAll {
  /** Only these gates (node ids); all when absent. */
  readonly gates?: readonly string[] | undefined;
  /** Stops after so many rows in all. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A question for sessions. */
export interface SessionsQuery extends ListQueryAll {
  /** Filtered on gates that can, here otherwise: the answer is the same. */
  readonly where?: Selector | undefined;
  /** With a limit, gates that can sort send only what may be in the answer. */
  readonly order?: Order | undefined;
  /** Reads at most so many rows of a gate that cannot filter or sort itself; its answer is a sample then. */
  readonly sample?: number | undefined;
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

export interface LocateOptions {
  /** Whether a prefix of at least six characters may name a session: on a terminal only. */
  readonly allowPrefix?: boolean | undefined;
}
