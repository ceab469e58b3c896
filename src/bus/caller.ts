import {CallError, DecodeError, OutcomeUnknownError} from '../errors.js';
import {randomHex} from '../random.js';
import type {OutgoingArgument} from './arguments.js';
import type {Bus, BusMessage, BusSubscription} from './bus.js';
import {decodeResult, encodeCall, type ResultEnvelope} from './envelope.js';

/** A node as a caller sees it. `address` has been checked with `isAddress`. */
export interface CallTarget {
  readonly node: string;
  readonly address: string;
}

export interface CallerOptions {
  /** Free text that the far side may log: `gatectl/0.1.0`. */
  readonly caller: string;
  readonly hostname: string;
  readonly timeoutMs: number;
  /** What of the timeout was used up before a call could be made; at most half of it counts. */
  readonly spentMs?: () => number;
  readonly now?: () => number;
}

export interface OneCall {
  readonly fn: string;
  readonly args: readonly OutgoingArgument[];
  /** A write whose answer does not come has an unknown outcome; a read has merely failed. */
  readonly write: boolean;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Pending {
  readonly target: CallTarget;
  readonly call: OneCall;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (result: ResultEnvelope) => void;
  readonly reject: (error: Error) => void;
  onAbort?: () => void;
}

/**
 * Calls functions of mqant nodes. One inbox subscription takes every reply; the correlation id is the last token of
 * the reply subject, so that NATS's "no responders" (which carries no envelope) finds its call too. Nothing is
 * ever sent twice.
 */
export class Caller {
  private readonly prefix: string;
  private readonly pending = new Map<string, Pending>();
  private readonly subscription: BusSubscription;
  private readonly stopStatus: () => void;
  private readonly stopDenied: () => void;
  private readonly now: () => number;
  private readonly salt = randomHex(6);
  private sequence = 0;
  /** Replies that nobody waited for: late, repeated or forged. */
  strayReplies = 0;

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
      if (status === 'disconnected' || status === 'closed') this.failAll('disconnected', 'lost the bus');
    });
    this.stopDenied = bus.onDenied(({operation, subject}) => {
      if (operation === 'publish') this.failDenied(subject);
    });
  }

  /** Resolves with the node's result, whatever it says; rejects with CallError or OutcomeUnknownError. */
  call(target: CallTarget, call: OneCall): Promise<ResultEnvelope> {
    return new Promise((resolve, reject) => {
      const cid = `${this.salt}${(this.sequence++).toString(36)}`;
      const timeoutMs = call.timeoutMs ?? this.options.timeoutMs;
      const patienceMs = timeoutMs - Math.min(this.options.spentMs?.() ?? 0, timeoutMs / 2);
      const timer = setTimeout(() => this.onTimeout(cid, timeoutMs), patienceMs);
      const pending: Pending = {target, call, timer, resolve, reject};
      this.pending.set(cid, pending);
      if (call.signal !== undefined) {
        const {signal} = call;
        pending.onAbort = () => this.settle(cid, abortError(signal));
        if (signal.aborted) return pending.onAbort();
        signal.addEventListener('abort', pending.onAbort, {once: true});
      }
      try {
        this.publish(target, call, cid, timeoutMs);
      } catch (error) {
        this.settle(cid, error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  /** Fire and forget: no answer comes, not even an error. */
  send(target: CallTarget, fn: string, args: readonly OutgoingArgument[]): void {
    const cid = `${this.salt}${(this.sequence++).toString(36)}`;
    this.bus.publish(target.address, this.envelope(fn, args, cid, '', this.options.timeoutMs));
  }

  close(): void {
    this.subscription.unsubscribe();
    this.stopStatus();
    this.stopDenied();
    this.failAll('disconnected', 'closed before the answer came');
  }

  private publish(target: CallTarget, call: OneCall, cid: string, timeoutMs: number): void {
    const inbox = this.prefix + cid;
    this.bus.publish(target.address, this.envelope(call.fn, call.args, cid, inbox, timeoutMs), inbox);
  }

  private envelope(
    fn: string,
    args: readonly OutgoingArgument[],
    cid: string,
    replyTo: string,
    timeoutMs: number,
  ): Uint8Array {
    return encodeCall({
      cid,
      fn,
      replyTo,
      track: '',
      expired: this.now() + timeoutMs,
      reply: replyTo !== '',
      argsType: args.map((argument) => argument.type),
      args: args.map((argument) => argument.bytes),
      caller: this.options.caller,
      hostname: this.options.hostname,
    });
  }

  private onReply(message: BusMessage): void {
    const cid = message.subject.slice(this.prefix.length);
    const pending = this.pending.get(cid);
    if (pending === undefined) {
      this.strayReplies += 1;
      return;
    }
    if (message.noResponders) {
      this.settle(cid, failure(pending, 'no-responders', 'is not there (nobody listens on its address)'));
      return;
    }
    try {
      const result = decodeResult(message.owned === true ? message.data : Buffer.from(message.data));
      if (result.cid !== cid) throw new DecodeError('the reply is for another call');
      this.settle(cid, result);
    } catch (cause) {
      this.settle(cid, failure(pending, 'bad-reply', 'sent a reply that can not be read', cause));
    }
  }

  private onTimeout(cid: string, timeoutMs: number): void {
    const pending = this.pending.get(cid);
    if (pending === undefined) return;
    this.settle(cid, unanswered(pending, 'timeout', `did not answer within ${timeoutMs} ms`));
  }

  private settle(cid: string, outcome: ResultEnvelope | Error): void {
    const pending = this.pending.get(cid);
    if (pending === undefined) return;
    this.pending.delete(cid);
    clearTimeout(pending.timer);
    if (pending.onAbort !== undefined) pending.call.signal?.removeEventListener('abort', pending.onAbort);
    if (outcome instanceof Error) pending.reject(outcome);
    else pending.resolve(outcome);
  }

  private failAll(reason: 'disconnected' | 'not-permitted', what: string): void {
    for (const [cid, pending] of [...this.pending]) this.settle(cid, unanswered(pending, reason, what));
  }

  private failDenied(subject: string): void {
    for (const [cid, pending] of [...this.pending]) {
      if (pending.target.address !== subject) continue;
      this.settle(
        cid,
        failure(pending, 'not-permitted', `may not be called: NATS refused to publish to "${subject}"`),
      );
    }
  }
}

type Reason = CallError['reason'];

function failure(pending: Pending, reason: Reason, what: string, cause?: unknown): CallError {
  const {target, call} = pending;
  return new CallError({reason, node: target.node, fn: call.fn}, `${target.node} ${what}`, {cause});
}

/** The call left, the answer did not come. */
function unanswered(pending: Pending, reason: Reason, what: string): Error {
  const cause = failure(pending, reason, what);
  if (!pending.call.write || reason === 'not-permitted') return cause;
  return new OutcomeUnknownError(
    `${pending.call.fn} was sent, but ${cause.message}: it may or may not have happened`,
    {
      cause,
    },
  );
}

function abortError(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('aborted');
}
