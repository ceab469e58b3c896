import {DecodeError} from '../../../base/errors.js';
import {gateFunctions, isGateFunction} from '../../../bus/gate/gate-functions.js';
import type {CallEnvelope} from '../../../bus/rpc/envelope.js';
import {decodeSessionIdentity} from '../../../session/session-identity.js';

/** The sessions and the user that a call concerns, according to its arguments. */
interface CallSubject {
  /** Session ids; more than one for SendBatch. */
  readonly ids: readonly string[];
  readonly uid: string;
  /** The encoded session in the call; a view of the message's bytes. */
  readonly session: Uint8Array | undefined;
}

const nobody: CallSubject = {ids: [], uid: '', session: undefined};

export const isSessionType = (type: string): boolean =>
  type === 'SESSION' || type.startsWith('marshal@gate.Session');

/**
 * Returns the session that a call concerns. A call to a module carries the session; a call to a gate has its id as
 * the argument after the trace.
 */
export function sessionOfCall({fn, argsType, args}: CallEnvelope): CallSubject {
  const at = argsType.findIndex(isSessionType);
  if (at >= 0) return sessionOfEncodedValue(args[at]);
  if (!isGateFunction(fn) || argsType.length < 2 || argsType[1] !== gateFunctions[fn].parameters[0])
    return nobody;
  const text = (index: number): string => Buffer.from(args[index] ?? []).toString();
  switch (fn) {
    case 'SendBatch':
      return {...nobody, ids: text(1).split(',')};
    case 'IsConnect':
      return {...nobody, uid: text(2)};
    case 'Bind':
      return {...nobody, ids: [text(1)], uid: text(2)};
    case 'BroadCast':
      return nobody;
    default:
      return gateFunctions[fn].parameters[0] === 'map'
        ? {...nobody, uid: uidIn(text(1))}
        : {...nobody, ids: [text(1)]};
  }
}

/** Returns the session encoded in an argument or a result. */
export function sessionOfEncodedValue(session: Uint8Array | undefined): CallSubject {
  if (session === undefined || session.length === 0) return nobody;
  try {
    const {id, uid} = decodeSessionIdentity(session);
    return {ids: id === '' ? [] : [id], uid, session};
  } catch (error) {
    if (error instanceof DecodeError) return nobody;
    throw error;
  }
}

/** Returns the uid in the query of a gatectl function; empty if there is none. */
function uidIn(json: string): string {
  try {
    const {uid} = JSON.parse(json) as {readonly uid?: unknown};
    return typeof uid === 'string' ? uid : '';
  } catch {
    return '';
  }
}
