import type {Selector} from '../../selector/selector.js';
import type {CallFilter} from './traced-call.js';

/** Selects calls and what to report about them. */
export interface CallQuery extends CallFilter {
  /**
   * Only calls about matching sessions. Terms on fields that only a gate knows (age, idle, received, sent) never
   * match.
   */
  readonly where?: Selector | undefined;
  /** Only calls that took at least this long or were not answered. Summaries count all calls. */
  readonly slowMs?: number | undefined;
  /** Only calls that failed or were not answered. Summaries count all calls. */
  readonly errorsOnly?: boolean | undefined;
  readonly bodies?: boolean | undefined;
  /** Maximum length of a displayed argument or result; 1024 characters by default. */
  readonly maxBodyChars?: number | undefined;
  /** Time after which a call counts as unanswered; 15,000 ms by default. */
  readonly waitMs?: number | undefined;
  /** False to report summaries only. */
  readonly calls?: boolean | undefined;
  /** Interval of summaries, in addition to the final one. */
  readonly summaryEveryMs?: number | undefined;
}

export interface TraceQuery extends CallQuery {
  /** Further subjects to listen to; NATS wildcards are allowed. */
  readonly subjects?: readonly string[] | undefined;
  /** Path of a new file to save all messages in. */
  readonly saveTo?: string | undefined;
  /** Ends the trace; its last event is a summary. */
  readonly signal: AbortSignal;
}

export const defaultReplyWaitMs = 15_000;
