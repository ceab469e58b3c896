import {stringBag} from '../session.js';
import {decodeSession, encodeSession} from './session-protobuf.js';

/** A change to an encoded session; other fields stay unchanged. */
export interface SessionEdit {
  readonly userId?: string | undefined;
  readonly set?: Readonly<Record<string, string>> | undefined;
  readonly unset?: readonly string[] | undefined;
}

/** Edits a session in mqant's protobuf, and keeps unknown fields. Throws DecodeError. */
export function editSession(bytes: Uint8Array, {userId, set = {}, unset = []}: SessionEdit): Buffer {
  const session = decodeSession(bytes);
  const kept = Object.entries(session.settings).filter(([key]) => !unset.includes(key));
  const settings = stringBag([...kept, ...Object.entries(set)]);
  return encodeSession({...session, settings, ...(userId !== undefined && {userId})});
}
