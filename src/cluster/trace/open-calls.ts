import type {Session} from '../../session/session.js';
import type {CallBody, CallOutcome, TraceCounts} from './traced-call.js';

/** A call that has no reply yet. */
export interface OpenCall {
  readonly at: number;
  readonly fn: string;
  readonly node: string;
  readonly address: string;
  readonly caller: string;
  readonly hostname: string;
  readonly ids: readonly string[];
  readonly uid: string;
  readonly callBytes: number;
  readonly body: CallBody | undefined;
  /** The session in the call, if more than its id and uid is needed. */
  readonly session: Session | undefined;
}

/** The reply to a call. */
export interface CallReply {
  readonly at: number;
  readonly error: string;
  readonly bytes: number;
  readonly uid: string;
  readonly result: unknown;
  readonly session: Session | undefined;
}

interface OpenCallsOptions {
  /** Time after which a call counts as unanswered, in milliseconds. */
  readonly waitMs: number;
  /** Maximum number of open calls. Above it, the oldest 1/64 is dropped. */
  readonly most: number;
  readonly onEnd: (call: OpenCall, outcome: CallOutcome, answer: CallReply | undefined) => void;
}

type CallCounts = Pick<
  TraceCounts,
  'calls' | 'answered' | 'noReply' | 'unanswered' | 'missed' | 'overflowed' | 'errors' | 'strayReplies'
>;

/**
 * Matches calls with replies by Cid and reply subject, because a Cid is unique per caller only. Every call ends
 * exactly once. Times are passed in and must not decrease.
 */
export class OpenCalls {
  readonly counts: Record<keyof CallCounts, number> = {
    calls: 0,
    answered: 0,
    noReply: 0,
    unanswered: 0,
    missed: 0,
    overflowed: 0,
    errors: 0,
    strayReplies: 0,
  };
  /** In order of arrival. */
  private readonly open = new Map<string, OpenCall>();
  /** No open call expires before this time. */
  private nothingExpiresUntil = 0;

  constructor(private readonly options: OpenCallsOptions) {}

  get size(): number {
    return this.open.size;
  }

  /** Starts a call. `key` is undefined if the caller expects no reply. */
  begin(key: string | undefined, call: OpenCall): void {
    this.counts.calls += 1;
    this.expire(call.at);
    if (key === undefined) {
      this.counts.noReply += 1;
      this.options.onEnd(call, 'no-reply', undefined);
      return;
    }
    const before = this.open.get(key);
    if (before !== undefined) this.close(key, before, 'unanswered'); // the caller reused the Cid
    this.open.set(key, call);
    if (this.open.size > this.options.most) this.dropOldest(Math.max(1, this.options.most >> 6));
  }

  answer(key: string, answer: CallReply): void {
    this.expire(answer.at);
    const call = this.open.get(key);
    if (call === undefined) {
      this.counts.strayReplies += 1;
      return;
    }
    this.open.delete(key);
    this.counts.answered += 1;
    if (answer.error !== '') this.counts.errors += 1;
    this.options.onEnd(call, answer.error === '' ? 'ok' : 'error', answer);
  }

  /** Ends calls that have waited longer than `waitMs`. */
  expire(now: number): void {
    if (now < this.nothingExpiresUntil) return; // saves iterating over the Map, which also visits the slots of deleted entries
    const {waitMs} = this.options;
    let oldest = now;
    for (const [key, call] of this.open) {
      oldest = call.at;
      if (now - oldest < waitMs) break;
      this.close(key, call, 'unanswered');
      oldest = now;
    }
    this.nothingExpiresUntil = oldest + waitMs;
  }

  /** Ends all open calls as missed: their replies may have been lost in a gap. */
  miss(): void {
    for (const [key, call] of this.open) this.close(key, call, 'missed');
  }

  /** Ends the trace; pending calls are reported as open. */
  end(): void {
    for (const call of this.open.values()) this.options.onEnd(call, 'open', undefined);
  }

  /** Drops several calls at a time, because iterating over a Map is slow after deletions (see `expire`). */
  private dropOldest(count: number): void {
    let left = count;
    for (const [key, call] of this.open) {
      this.open.delete(key);
      this.counts.overflowed += 1;
      this.options.onEnd(call, 'missed', undefined);
      left -= 1;
      if (left === 0) return;
    }
  }

  private close(key: string, call: OpenCall, outcome: 'unanswered' | 'missed'): void {
    this.open.delete(key);
    this.counts[outcome] += 1;
    this.options.onEnd(call, outcome, undefined);
  }
}
