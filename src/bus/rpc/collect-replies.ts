import {afterTimeout} from '../../base/abort-signals.js';
import type {Bus} from '../bus.js';
import {decodeResult, encodeCall} from './envelope.js';
import {encodeArgument} from './rpc-arguments.js';

interface RequestOptions {
  readonly subject: string;
  /** Returns the bytes of the request, given the inbox for replies. */
  readonly payload: (inbox: string) => Uint8Array;
  /** Timeout for the first reply, in milliseconds. */
  readonly timeoutMs: number;
  /** How long to wait for further replies after each one, in milliseconds; 0 returns the first reply only. */
  readonly settleMs: number;
}

/**
 * `nobody`: there are no responders. `silence`: not even that status arrived. `denied`: NATS does not permit the
 * request.
 */
export interface CollectedReplies {
  readonly end: 'answered' | 'nobody' | 'silence' | 'denied';
  readonly messages: readonly Uint8Array[];
}

/**
 * Sends a request to all subscribers of a subject and collects their replies. Rejects with UnreachableError while
 * disconnected.
 */
export function collectReplies(
  bus: Bus,
  {subject, payload, timeoutMs, settleMs}: RequestOptions,
): Promise<CollectedReplies> {
  return new Promise((resolve) => {
    const messages: Uint8Array[] = [];
    const inbox = bus.newInbox();
    const finish = (end: CollectedReplies['end']): void => {
      stopWaiting();
      stopDenied();
      subscription.unsubscribe();
      resolve({end, messages});
    };
    const onDenied = (): void => finish('denied');
    const subscription = bus.subscribe(
      inbox,
      ({data, noResponders}) => {
        if (noResponders) return finish('nobody');
        messages.push(Buffer.from(data));
        if (settleMs === 0) return finish('answered');
        stopWaiting();
        stopWaiting = afterTimeout(settleMs, () => finish('answered'));
      },
      {onDenied},
    );
    const stopDenied = bus.onDenied((denial) => {
      if (denial.operation === 'publish' && denial.subject === subject) onDenied();
    });
    let stopWaiting = afterTimeout(timeoutMs, () => finish('silence'));
    try {
      bus.publish(subject, payload(inbox), inbox);
    } catch {
      finish('silence'); // the connection was lost
    }
  });
}

/** Encodes a call of GatectlInfo. Every mqant RPC node answers it, with an error if it lacks the function. */
export function encodeInfoCall(caller: string, replyTo: string, timeoutMs: number): Uint8Array {
  const span = encodeArgument({type: 'null'});
  return encodeCall({
    ...{cid: 'info', fn: 'GatectlInfo', replyTo, reply: true, track: '', caller, hostname: ''},
    ...{expired: Date.now() + timeoutMs, argsType: [span.type], args: [span.bytes]},
  });
}

/** Returns the identity of a process from its reply to `encodeInfoCall`; empty if the reply has none. */
export function processIdentityOfReply(answer: Uint8Array): {
  readonly pid?: number;
  readonly host?: string;
  readonly startedAt?: number;
} {
  try {
    const {error, resultType, result} = decodeResult(answer);
    if (error !== '' || resultType !== 'map') return {};
    const {pid, host, startedAt} = JSON.parse(Buffer.from(result).toString()) as Readonly<
      Record<string, unknown>
    >;
    if (typeof pid !== 'number' || typeof host !== 'string') return {};
    return {pid, host, ...(typeof startedAt === 'number' ? {startedAt} : {})};
  } catch {
    return {};
  }
}
