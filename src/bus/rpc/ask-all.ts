import {afterTimeout} from '../../base/signals.js';
import type {Bus} from '../bus.js';
import {encodeArgument} from './arguments.js';
import {decodeResult, encodeCall} from './envelope.js';

export interface Question {
  readonly subject: string;
  /** Bytes of the question, for an inbox that takes its answers. */
  readonly payload: (inbox: string) => Uint8Array;
  /** The longest wait for the first answer. */
  readonly timeoutMs: number;
  /** How long more answers are waited for after each; 0 takes the first alone. */
  readonly settleMs: number;
}

/** `denied` when NATS does not let the question be asked, `silence` when nothing came back, not even that nobody listens. */
export interface Answers {
  readonly end: 'answered' | 'nobody' | 'silence' | 'denied';
  readonly messages: readonly Uint8Array[];
}

/** Asks everybody who listens on a subject, and collects all answers. Rejects with UnreachableError when the bus is away. */
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
      finish('silence'); // the bus went away
    }
  });
}

/** A call that every node of mqant RPC answers, those without the function by an error. */
export function infoCall(caller: string, replyTo: string, timeoutMs: number): Uint8Array {
  const span = encodeArgument({type: 'null'});
  return encodeCall({
    ...{cid: 'info', fn: 'GatectlInfo', replyTo, reply: true, track: '', caller, hostname: ''},
    ...{expired: Date.now() + timeoutMs, argsType: [span.type], args: [span.bytes]},
  });
}

/** What a process says of itself in its answer to `infoCall`; empty where it does not say. */
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
