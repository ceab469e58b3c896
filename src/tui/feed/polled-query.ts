import type {DashboardDeps} from '../dashboard-deps.js';
import type {Action} from '../model/action.js';
import type {State} from '../model/state.js';

/** A query that is polled while the screen shows its result. */
export interface PolledQuery {
  /** Query key. A changed key starts a new query immediately and aborts the previous one. */
  readonly key: string;
  /** Poll interval in milliseconds. It grows if answers are slow. */
  readonly intervalMs: number;
  /** Maximum interval in milliseconds; 30 s by default. */
  readonly maxIntervalMs?: number | undefined;
  readonly fetch: (signal: AbortSignal) => Promise<readonly Action[]>;
  /** Delay in milliseconds before the first poll, while the operator types. */
  readonly delayMs?: number | undefined;
}

/** Returns the query that the screen needs now; undefined if it needs none. */
export type QueryForState = (state: State, deps: DashboardDeps) => PolledQuery | undefined;
