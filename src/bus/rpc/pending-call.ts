import type {OutgoingArgument} from './arguments.js';
import type {ResultEnvelope} from './envelope.js';

/** The called node. `isAddress` has validated `address`. */
export interface CallTarget {
  readonly node: string;
  readonly address: string;
}

/** Properties of a call beside its arguments. */
export interface CallShape {
  readonly fn: string;
  /** An unanswered write has an unknown outcome; an unanswered read has failed. */
  readonly write: boolean;
  /** An idempotent read: may be retried when the bus was lost and restored before the deadline. */
  readonly again?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A call that waits for its reply. It ends once, with `answered` or `failed`. The caller's bookkeeping is part of
 * the call itself, so that a pending call is one object.
 */
export abstract class PendingCall {
  /** Set by the caller when the call starts. */
  cid = '';
  sequence = 0;
  timeoutMs = 0;
  patienceMs = 0;
  /** Monotonic milliseconds. */
  deadline = 0;
  /** Neighbours in the list of calls with the same timeout. */
  before: PendingCall | undefined;
  after: PendingCall | undefined;
  onAbort: (() => void) | undefined;
  /** Kept for a possible retry. */
  args: readonly OutgoingArgument[] | undefined;
  /** State after the bus was lost before a reply: waiting for the bus, or sent again. */
  loss: 'waiting' | 'resent' | undefined;

  constructor(
    readonly target: CallTarget,
    readonly shape: CallShape,
  ) {}

  /** The result's bytes are valid until this returns, unless they are `owned`. */
  abstract answered(result: ResultEnvelope, owned: boolean): void;

  abstract failed(error: Error): void;
}
