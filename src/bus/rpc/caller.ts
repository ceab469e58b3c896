import {CallError, DecodeError, OutcomeUnknownError} from '../../base/errors.js';
import {randomHex} from '../../base/random.js';
import type {Bus, BusMessage, BusSubscription} from '../bus.js';
import {TransientMap} from '../fast/transient-map.js';
import {RecentlyAnsweredCalls} from '../recently-answered-calls.js';
import {CallDeadlines} from './call-deadlines.js';
import {decodeResult, encodeCallToSharedMemory, type OutgoingCall, type ResultEnvelope} from './envelope.js';
import {type CallProperties, type CallTarget, PendingCall} from './pending-call.js';
import type {OutgoingArgument} from './rpc-arguments.js';

interface CallerOptions {
  /** Free text that the called node may log, such as `gatectl/0.1.0`. */
  readonly caller: string;
  readonly hostname: string;
  readonly timeoutMs: number;
  /**
   * Returns how much of the timeout was spent before the call, in milliseconds; at most half the timeout is counted.
   */
  readonly spentMs?: () => number;
  readonly now?: () => number;
}

export interface CallWithArguments extends CallProperties {
  readonly args: readonly OutgoingArgument[];
}

/**
 * Calls functions of mqant nodes. One inbox subscription receives all replies. The correlation id is the last token
 * of the reply subject, so that NATS's "no responders" status, which has no envelope, can also be matched to its
 * call. Nothing is sent twice, except reads marked `again`, which are retried once after the bus connection was lost.
 */
export class Caller {
  private readonly prefix: string;
  /** By sequence number, which is the end of the correlation id. */
  private readonly pending = new TransientMap<number, PendingCall>();
  private readonly deadlines = new CallDeadlines((call) => this.onDeadline(call));
  private readonly subscription: BusSubscription;
  private readonly stopStatus: () => void;
  private readonly stopDenied: () => void;
  private readonly now: () => number;
  private readonly salt = randomHex(6);
  private sequence = 0;
  private isClosed = false;
  /** Number of replies that no call waits for: late, repeated or forged ones. */
  strayReplies = 0;
  private readonly recent = new RecentlyAnsweredCalls(() => this.now());

  constructor(
    private readonly bus: Bus,
    private readonly options: CallerOptions,
  ) {
    this.now = options.now ?? Date.now;
    this.prefix = `${bus.newInbox()}.`;
    this.subscription = bus.subscribe(`${this.prefix}*`, (message) => this.onReply(message), {
      onDenied: (error) => this.failAll('not-permitted', `may not subscribe to its inbox (${error.message})`),
    });
    this.stopStatus = bus.onStatus((status) => {
      if (status === 'disconnected') this.lost();
      else if (status === 'reconnected') this.restored();
      else if (status === 'closed') this.failAll('disconnected', busLost);
    });
    this.stopDenied = bus.onDenied(({operation, subject}) => {
      if (operation === 'publish') this.failDenied(subject);
    });
  }

  /** Default timeout of a call, in milliseconds. */
  get timeoutMs(): number {
    return this.options.timeoutMs;
  }

  /**
   * Calls a node and resolves with its result, which may be an error. Rejects with CallError or OutcomeUnknownError.
   */
  call(target: CallTarget, call: CallWithArguments): Promise<ResultEnvelope> {
    return new Promise((resolve, reject) => {
      this.start(new PromisedCall(target, call, resolve, reject), call.args);
    });
  }

  /**
   * Starts a call without a promise. Its `answered` or `failed` is called at the end, perhaps before this returns.
   */
  start(call: PendingCall, args: readonly OutgoingArgument[]): void {
    const {signal} = call.properties;
    if (signal?.aborted === true) return call.failed(abortError(signal));
    if (this.isClosed) return call.failed(failure(call, 'disconnected', closed));
    call.sequence = this.sequence++;
    call.cid = `${this.salt}${call.sequence}`;
    call.timeoutMs = call.properties.timeoutMs ?? this.options.timeoutMs;
    if (call.properties.again === true) call.args = args;
    this.pending.set(call.sequence, call);
    const spentMs = this.options.spentMs?.() ?? 0;
    this.deadlines.add(call, call.timeoutMs - Math.min(spentMs, call.timeoutMs / 2));
    if (signal !== undefined) {
      call.onAbort = () => this.fail(call, abortError(signal));
      signal.addEventListener('abort', call.onAbort, {once: true});
    }
    this.trySend(call, args);
  }

  private trySend(call: PendingCall, args: readonly OutgoingArgument[]): void {
    try {
      this.publish(call.target.address, this.outgoing(call.properties.fn, args, call.cid, call.timeoutMs));
    } catch (error) {
      this.fail(call, error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Sends a call that gets no reply, not even an error. */
  send({address}: CallTarget, fn: string, args: readonly OutgoingArgument[]): void {
    const call = this.outgoing(fn, args, `${this.salt}${this.sequence++}`, this.options.timeoutMs);
    this.publish(address, {...call, replyTo: ''});
  }

  close(): void {
    this.isClosed = true;
    this.subscription.unsubscribe();
    this.stopStatus();
    this.stopDenied();
    this.failAll('disconnected', closed);
  }

  private publish(address: string, call: OutgoingCall): void {
    this.bus.publish(
      address,
      encodeCallToSharedMemory(call),
      call.replyTo === '' ? undefined : call.replyTo,
      true,
    );
  }

  private outgoing(
    fn: string,
    args: readonly OutgoingArgument[],
    cid: string,
    timeoutMs: number,
  ): OutgoingCall {
    const {caller, hostname} = this.options;
    return {cid, fn, replyTo: this.prefix + cid, expired: this.now() + timeoutMs, args, caller, hostname};
  }

  private onReply(message: BusMessage): void {
    const sequence = this.sequenceIn(message.subject);
    const call = this.pending.get(sequence);
    if (call === undefined) {
      this.strayReplies += 1;
      if (!message.noResponders && sequence >= 0) this.recent.repeat(sequence);
      return;
    }
    if (message.noResponders)
      return this.fail(call, failure(call, 'no-responders', 'is not running (no responder on its address)'));
    let result: ResultEnvelope;
    try {
      result = decodeResult(message.data, call.cid);
      if (result.cid !== call.cid) throw new DecodeError('the reply is for another call');
    } catch (cause) {
      return this.fail(call, failure(call, 'bad-reply', 'sent an unreadable reply', cause));
    }
    if (!this.forget(call)) return;
    if (call.loss !== 'resent') this.recent.add(sequence, call.target.node); // a call that was sent twice may be answered twice
    call.answered(result, message.owned === true);
  }

  /** Returns true if a second process seems to answer calls to the node. */
  isAnsweredTwice(node: string): boolean {
    return this.recent.isRepeated(node);
  }

  /** Returns the sequence number in a reply subject; -1 for other subjects. */
  private sequenceIn(subject: string): number {
    if (!subject.startsWith(this.salt, this.prefix.length)) return -1;
    let number = 0;
    for (let at = this.prefix.length + this.salt.length; at < subject.length; at += 1) {
      const digit = subject.charCodeAt(at) - 0x30;
      if (digit < 0 || digit > 9) return -1;
      number = number * 10 + digit;
    }
    return number;
  }

  private onDeadline(call: PendingCall): void {
    if (call.loss === 'waiting') this.fail(call, unanswered(call, 'disconnected', busLost));
    else this.fail(call, unanswered(call, 'timeout', `did not answer within ${call.timeoutMs} ms`));
  }

  private fail(call: PendingCall, error: Error): void {
    if (this.forget(call)) call.failed(error);
  }

  /** Removes a call that has ended. Returns false if it was already removed. */
  private forget(call: PendingCall): boolean {
    if (!this.pending.delete(call.sequence)) return false;
    this.deadlines.remove(call);
    if (call.onAbort !== undefined) call.properties.signal?.removeEventListener('abort', call.onAbort);
    return true;
  }

  private lost(): void {
    for (const call of this.pending.values()) {
      if (call.args !== undefined && call.loss === undefined) call.loss = 'waiting';
      else this.fail(call, unanswered(call, 'disconnected', busLost));
    }
  }

  private restored(): void {
    for (const call of this.pending.values()) {
      if (call.loss !== 'waiting' || call.args === undefined) continue;
      call.loss = 'resent';
      this.trySend(call, call.args);
    }
  }

  private failAll(reason: 'disconnected' | 'not-permitted', what: string): void {
    for (const call of this.pending.values()) this.fail(call, unanswered(call, reason, what));
  }

  private failDenied(subject: string): void {
    for (const call of this.pending.values()) {
      if (call.target.address !== subject) continue;
      const what = `may not be called: NATS denies permission to publish to "${subject}"`;
      this.fail(call, failure(call, 'not-permitted', what));
    }
  }
}

class PromisedCall extends PendingCall {
  constructor(
    target: CallTarget,
    properties: CallProperties,
    private readonly resolve: (result: ResultEnvelope) => void,
    private readonly reject: (error: Error) => void,
  ) {
    super(target, properties);
  }

  answered(result: ResultEnvelope, owned: boolean): void {
    this.resolve(owned ? result : {...result, result: Buffer.from(result.result)});
  }

  failed(error: Error): void {
    this.reject(error);
  }
}

const closed = 'closed before the reply arrived';
const busLost = 'lost the bus connection';

type Reason = CallError['reason'];

function failure(
  {target, properties}: PendingCall,
  reason: Reason,
  what: string,
  cause?: unknown,
): CallError {
  return new CallError({reason, node: target.node, fn: properties.fn}, `${target.node} ${what}`, {cause});
}

/** Creates the error for a call that was sent but not answered. */
function unanswered(call: PendingCall, reason: Reason, what: string): Error {
  const cause = failure(call, reason, what);
  if (!call.properties.write || reason === 'not-permitted') return cause;
  return new OutcomeUnknownError(
    `${call.properties.fn} was sent, but ${cause.message}: it may or may not have happened`,
    {cause},
  );
}

function abortError(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error('aborted');
}
