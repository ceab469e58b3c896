import {errorMessage} from '../../base/error-details.js';
import type {Bus, BusMessage, BusSubscription} from '../bus.js';
import {type CallEnvelope, decodeCall, encodeResult, type ResultEnvelope} from './envelope.js';
import {ReplyInboxes} from './reply-inboxes.js';

/** Result of a function, without the correlation id. */
export type CallResult = Omit<ResultEnvelope, 'cid'>;

/** Serves a call. An error becomes an error text in the reply. */
export type CallHandler = (call: CallEnvelope) => Promise<CallResult>;

interface ResponderOptions {
  readonly bus: Bus;
  readonly address: string;
  /** Functions that can also be called on a subject of their own, `<address>.<Fn>`. */
  readonly functionSubjects?: readonly string[] | undefined;
  readonly serve: CallHandler;
  /** Allowed reply inboxes; by default `_INBOX` and `_INBOX_<role>`. */
  readonly replies?: ReplyInboxes | undefined;
}

interface CallCount {
  calls: number;
  errors: number;
}

const nothing = new Uint8Array(0);

export const errorResult = (text: string): CallResult => ({error: text, resultType: 'null', result: nothing});

/**
 * Serves mqant calls on a subject. As in mqant, replies go only to the envelope's ReplyTo. A call whose ReplyTo is
 * not an allowed inbox is dropped, because its reply would reach someone else.
 */
export class Responder {
  private readonly subscriptions: BusSubscription[] = [];
  private readonly replies: ReplyInboxes;
  private underWay = 0;
  private onIdle: (() => void) | undefined;
  readonly counts = new Map<string, CallCount>();
  /** Number of messages that were not calls. */
  garbage = 0;

  constructor(private readonly options: ResponderOptions) {
    const {bus, address, functionSubjects = []} = options;
    this.replies = options.replies ?? new ReplyInboxes();
    this.subscriptions.push(bus.subscribe(address, (message) => this.onMessage(message, undefined)));
    for (const fn of functionSubjects) {
      this.subscriptions.push(bus.subscribe(`${address}.${fn}`, (message) => this.onMessage(message, fn)));
    }
  }

  /** Stops accepting calls. Resolves when pending calls have been answered. */
  async stop(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    if (this.underWay === 0) return;
    await new Promise<void>((resolve) => {
      this.onIdle = resolve;
    });
  }

  private onMessage(message: BusMessage, only: string | undefined): void {
    let call: CallEnvelope;
    try {
      call = decodeCall(Buffer.from(message.data)); // copied, because the call outlives the message
    } catch {
      this.garbage += 1;
      return;
    }
    if (call.reply && !this.replies.allows(call.replyTo, call.fn)) return;
    if (only !== undefined && call.fn !== only) {
      this.answer(call, errorResult(`Remote function(${call.fn}) not found on this subject`));
      return;
    }
    this.underWay += 1;
    void this.serve(call);
  }

  private async serve(call: CallEnvelope): Promise<void> {
    let answer: CallResult;
    try {
      answer = await this.options.serve(call);
    } catch (error) {
      answer = errorResult(textOf(error));
    }
    this.answer(call, answer);
    this.underWay -= 1;
    if (this.underWay === 0) this.onIdle?.();
  }

  private answer(call: CallEnvelope, answer: CallResult): void {
    this.count(call.fn, answer.error !== '');
    this.reply(call, answer);
  }

  private count(fn: string, isError: boolean): void {
    let count = this.counts.get(fn);
    if (count === undefined) {
      count = {calls: 0, errors: 0};
      if (this.counts.size < 256) this.counts.set(fn, count); // names are untrusted, so their number is limited
    }
    count.calls += 1;
    if (isError) count.errors += 1;
  }

  private reply(call: CallEnvelope, answer: CallResult): void {
    const {bus} = this.options;
    if (!call.reply || !bus.connected) return;
    let bytes = encodeResult({cid: call.cid, ...answer});
    if (bytes.length > bus.maxPayloadBytes) {
      const text = `result of ${answer.result.length} bytes is larger than max_payload ${bus.maxPayloadBytes}`;
      bytes = encodeResult({cid: call.cid, ...errorResult(text)});
    }
    try {
      bus.publish(call.replyTo, bytes);
    } catch {
      // the bus connection was lost: the caller gets a timeout
    }
  }
}

function textOf(error: unknown): string {
  return errorMessage(error);
}
