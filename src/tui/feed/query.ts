import type {DashboardDeps} from '../dashboard-deps.js';
import type {Action} from '../model/action.js';
import type {State} from '../model/state.js';

/** A query that is polled while the screen shows its result. */
export interface Query {
  /** A new key is a new query: the previous one is aborted and this one runs at once. */
  readonly key: string;
  /** Poll interval in milliseconds; longer when answers are slow. */
  readonly intervalMs: number;
  /** Maximum interval in milliseconds; 30 s by default. */
  readonly maxIntervalMs?: number | undefined;
  readonly fetch: (signal: AbortSignal) => Promise<readonly Action[]>;
  /** Delay in milliseconds before the first poll, while the operator types. */
  readonly delayMs?: number | undefined;
}

/** Returns the query that the screen needs now; undefined for none. */
export type QuerySelector = (state: State, deps: DashboardDeps) => Query | undefined;
