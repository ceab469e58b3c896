import {setTimeout as sleep} from 'node:timers/promises';
import {DecodeError} from '../../base/errors.js';
import type {Bus} from '../../bus/bus.js';
import {decodeCall, decodeResult} from '../../bus/rpc/envelope.js';
import {envelopeKind} from '../../bus/rpc/envelope-kind.js';
import {type SessionIdentity, sessionIdentity} from '../../session/session-identity.js';
import {listenToBus, tappedSubjects} from '../trace/listen.js';
import {isSessionType} from '../trace/naming/named-by.js';

export interface TapParts {
  /** Opens a separate connection. */
  readonly openTap: () => Promise<Bus>;
  readonly inboxPrefix: string | undefined;
}

interface TapQuery {
  readonly tapMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Highest number of sessions kept. */
const mostSessions = 200_000;

/**
 * Collects sessions from bus traffic for a time: from clients' requests and from gates' replies. Idle
 * sessions are missed. Rejects with PermissionError if NATS does not permit the subscription.
 */
export async function tapSessions(
  {openTap, inboxPrefix}: TapParts,
  {tapMs, signal}: TapQuery,
): Promise<readonly SessionIdentity[]> {
  const heard = new Map<string, SessionIdentity>();
  const hear = ({data}: {readonly data: Uint8Array}): void => {
    for (const identity of sessionsIn(data)) if (heard.size < mostSessions) heard.set(identity.id, identity);
  };
  const denied = new AbortController();
  const onDenied = (error: Error): void => denied.abort(error);
  const ends = signal === undefined ? denied.signal : AbortSignal.any([denied.signal, signal]);
  const bus = await openTap();
  try {
    const own = inboxPrefix === undefined ? [] : [`${inboxPrefix}.>`];
    await listenToBus(bus, tappedSubjects([], own), {hear, onUnheard: () => {}, onDenied});
    await sleep(tapMs, undefined, {signal: ends}).catch(() => {});
    ends.throwIfAborted();
    return [...heard.values()];
  } finally {
    await bus.close();
  }
}

/** Returns none for a message that is not an envelope or contains no readable session. */
export function sessionsIn(bytes: Uint8Array): SessionIdentity[] {
  try {
    return sessionBytes(bytes)
      .map(sessionIdentity)
      .filter(({id}) => id !== '');
  } catch (error) {
    if (error instanceof DecodeError) return [];
    throw error;
  }
}

function sessionBytes(bytes: Uint8Array): Uint8Array[] {
  switch (envelopeKind(bytes)) {
    case 'call': {
      const {argsType, args} = decodeCall(bytes);
      return args.filter((_bytes, at) => isSessionType(argsType[at] ?? ''));
    }
    case 'result': {
      const {resultType, result} = decodeResult(bytes);
      return isSessionType(resultType) ? [result] : [];
    }
    default:
      return [];
  }
}
