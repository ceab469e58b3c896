import type {DashboardDeps} from '../dashboard-deps.js';
import type {Action} from '../model/action.js';
import type {State} from '../model/state.js';

/** Something that is asked again and again as long as the screen shows it. */
export interface Query {
  /** Another key is another question: the one before is given up, and this is asked at once. */
  readonly key: string;
  /** The pace in milliseconds; slower where answers take long. */
  readonly intervalMs: number;
  /** The pace of answers that take long; 30 s without. */
  readonly maxIntervalMs?: number | undefined;
  readonly fetch: (signal: AbortSignal) => Promise<readonly Action[]>;
  /** Milliseconds to wait before the first ask, for what is being typed. */
  readonly delayMs?: number | undefined;
}

/** What a part of the screen wants to know now; undefined when it wants nothing. */
export type QuerySelector = (state: State, deps: DashboardDeps) => Query | undefined;
