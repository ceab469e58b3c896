import type {OutgoingArgument} from './arguments.js';
import type {ResultEnvelope} from './envelope.js';

/** A node as a caller sees it. `address` has been checked with `isAddress`. */
export interface CallTarget {
  readonly node: string;
  readonly address: string;
}

/** What a call is beside its arguments. */
export interface CallShape {
  readonly fn: string;
  /** A write whose answer does not come has an unknown outcome; a read has merely failed. */
  readonly write: boolean;
  /** It changes nothing, so it may be asked a second time when the bus was lost and has come back before the deadline. */
  readonly again?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A call that waits for its answer. It ends once: with `answered` or with `failed`. What a caller keeps of it stands in
 * the call itself, so that a call under way is one object.
 */
export abstract class PendingCall {
  /** The caller's, from the moment that the call starts. */
  cid = '';
  sequence = 0;
  timeoutMs = 0;
  patienceMs = 0;
  /** Milliseconds of the monotonic clock. */
  deadline = 0;
  /** Its neighbours among the calls of the same patience. */
  before: PendingCall | undefined;
  after: PendingCall | undefined;
  onAbort: (() => void) | undefined;
  /** Kept of a call that may be asked again. */
  args: readonly OutgoingArgument[] | undefined;
  /** The bus was lost before an answer came: it waits for it, or was sent again since. */
  loss: 'waiting' | 'resent' | undefined;

  constructor(
    readonly target: CallTarget,
    readonly shape: CallShape,
  ) {}

  /** Bytes of the result are good until this returns, unless they are `owned`. */
  abstract answered(result: ResultEnvelope, owned: boolean): void;

  abstract failed(error: Error): void;
}
