import {afterTimeout} from '../../base/signals.js';
import type {Bus} from '../bus.js';
import {encodeArgument} from './arguments.js';
import {decodeResult, encodeCall} from './envelope.js';

interface Question {
  readonly subject: string;
  /** Returns the request's bytes for a reply inbox. */
  readonly payload: (inbox: string) => Uint8Array;
  /** Longest wait for the first reply. */
  readonly timeoutMs: number;
  /** Wait for further replies after each; 0 returns the first only. */
  readonly settleMs: number;
}

/** `denied` when NATS forbids the request, `silence` when not even a "no responders" status arrives. */
export interface Answers {
  readonly end: 'answered' | 'nobody' | 'silence' | 'denied';
  readonly messages: readonly Uint8Array[];
}

/** Sends a request to all listeners of a subject and collects their replies. Rejects with UnreachableError while disconnected. */
export function askAll(bus: Bus, {subject, payload, timeoutMs, settleMs}: Question): Promise<Answers> {
  return new Promise((resolve) => {
    const messages: Uint8Array[] = [];
    const inbox = bus.newInbox();
    const finish = (end: Answers['end']): void => {
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

/** Encodes a call that every mqant RPC node answers, with an error if it lacks the function. */
export function infoCall(caller: string, replyTo: string, timeoutMs: number): Uint8Array {
  const span = encodeArgument({type: 'null'});
  return encodeCall({
    ...{cid: 'info', fn: 'GatectlInfo', replyTo, reply: true, track: '', caller, hostname: ''},
    ...{expired: Date.now() + timeoutMs, argsType: [span.type], args: [span.bytes]},
  });
}

/** Returns a process's identity from its reply to `infoCall`; empty when the reply has none. */
export function processOf(answer: Uint8Array): {
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
