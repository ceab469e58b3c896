import type {Selector} from '../../selector/selector.js';
import type {CallFilter} from './traced-call.js';

/** Which calls to trace, and what to hand on of them. */
export interface CallQuery extends CallFilter {
  /** Only calls about sessions that match; what only a gate knows (age, idle, received, sent) matches nothing. */
  readonly where?: Selector | undefined;
  /** Only calls that took so long, or were not answered; summaries count all. */
  readonly slowMs?: number | undefined;
  /** Only calls that failed or were not answered; summaries count all. */
  readonly errorsOnly?: boolean | undefined;
  readonly bodies?: boolean | undefined;
  /** A call is unanswered after so long: 15,000 ms unless said otherwise. */
  readonly waitMs?: number | undefined;
  /** False: no calls, only summaries. */
  readonly calls?: boolean | undefined;
  /** A summary so often, beside the one at the end. */
  readonly summaryEveryMs?: number | undefined;
}

export interface TraceQuery extends CallQuery {
  /** Listened to beside the inboxes and the addresses of our nodes; NATS wildcards. */
  readonly subjects?: readonly string[] | undefined;
  /** Everything that is heard goes to this new file too. */
  readonly saveTo?: string | undefined;
  /** Ends the trace; its last event is a summary. */
  readonly signal: AbortSignal;
}

export const defaultWaitMs = 15_000;
