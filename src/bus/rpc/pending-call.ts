import type {ResultEnvelope} from './envelope.js';
import type {OutgoingArgument} from './rpc-arguments.js';

/** The node to call. `isPublishableAddress` has validated `address`. */
export interface CallTarget {
  readonly node: string;
  readonly address: string;
}

/** Properties of a call other than its target and arguments. */
export interface CallProperties {
  readonly fn: string;
  /** True for a write: if unanswered, its outcome is unknown. An unanswered read has simply failed. */
  readonly write: boolean;
  /**
   * True for an idempotent read, which may be retried if the bus connection is lost and restored before the deadline.
   */
  readonly again?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A call that waits for its reply. It ends once, with `answered` or `failed`. The caller keeps its state in the call
 * itself, so that a pending call is a single object.
 */
export abstract class PendingCall {
  /** Set by the caller when the call starts. */
  cid = '';
  sequence = 0;
  timeoutMs = 0;
  waitMs = 0;
  /** In monotonic milliseconds. */
  deadline = 0;
  /** Neighbours in the list of calls with the same timeout. */
  before: PendingCall | undefined;
  after: PendingCall | undefined;
  onAbort: (() => void) | undefined;
  /** Kept in case the call is retried. */
  args: readonly OutgoingArgument[] | undefined;
  /** Set if the bus connection was lost before a reply: waiting for the bus, or sent again. */
  loss: 'waiting' | 'resent' | undefined;

  constructor(
    readonly target: CallTarget,
    readonly properties: CallProperties,
  ) {}

  /** Called with the result. Its bytes are valid until this returns, unless they are `owned`. */
  abstract answered(result: ResultEnvelope, owned: boolean): void;

  abstract failed(error: Error): void;
}
