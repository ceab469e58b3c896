import {DecodeError} from '../../base/errors.js';
import {decodeSession} from '../../session/codec/session-protobuf.js';
import type {StoredRecord} from '../../session/gate-api.js';
import {type DecodedRecord, decodeRecord, type RecordEncoding, revisionOfBytes} from '../record-encoding.js';
import type {JsonEntry} from './parse-json-entries.js';

type Members = Readonly<Record<string, unknown>>;

/** Names of the uid; then names of ids that are used as the uid only if the session has none. */
const uidNames = ['uid', 'userId', 'UserId', 'Userid', 'UserID', '_id'];
const otherIdNames = ['SessionID', 'SessionId', 'sessionId', 'id', 'key'];
const sessionNames = ['Serialize', 'value', 'Session', 'session', 'data'];
const expiryNames = ['ExpireTime', 'expireTime', 'ExpireAt', 'expireAt', 'expiresAt', 'expires'];

/** Returns true for an object that is a single entry: it has an id and a session. */
export const isRecordEntry = (value: object): boolean =>
  [...uidNames, ...otherIdNames].some((name) => Object.hasOwn(value, name)) &&
  (sessionNames.some((name) => Object.hasOwn(value, name)) || isPlainSession(value));

/** Returns true for a session as plain JSON, which has several of these fields. */
const isPlainSession = (value: object): boolean =>
  Object.keys(value).filter((name) => /^(?:session|server|user)id$|^settings$/i.test(name)).length > 1;

/**
 * Returns the record of an entry; if it can't be decoded, the record has a fault. `number` identifies an entry
 * without an id.
 */
export function recordOfEntry(
  {name, value}: JsonEntry,
  number: number,
  encoding: RecordEncoding | undefined,
): StoredRecord {
  const members = membersOf(value);
  const entry = name === undefined ? (singleMember(members) ?? {name, value}) : {name, value};
  const session = sessionIn(entry.value, members);
  const decoded = decodedOf(session, encoding);
  const uid = entry.name ?? textIn(members, uidNames) ?? userIdOf(decoded) ?? textIn(members, otherIdNames);
  return {
    uid: uid || `entry ${number}`,
    revision: revisionOfBytes(decoded.value),
    expiresAt: expiryIn(members),
    ...decoded,
  };
}

const membersOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};

/** Returns the only member of a line such as `{"u1": "…"}`; undefined for other objects. */
function singleMember(members: Members): JsonEntry | undefined {
  const [[name, value] = [], ...others] = Object.entries(members);
  const isMap = name !== undefined && others.length === 0 && !sessionNames.includes(name);
  return isMap ? {name, value} : undefined;
}

/** Returns the member that contains the session, or the whole value if there is no such member. */
function sessionIn(value: unknown, members: Members): unknown {
  if (value !== members) return value;
  const name = sessionNames.find((one) => Object.hasOwn(members, one));
  return name === undefined ? members : members[name];
}

function decodedOf(session: unknown, encoding: RecordEncoding | undefined): DecodedRecord {
  const binary = (session as {readonly $binary?: {readonly base64?: unknown}} | null)?.$binary?.base64;
  if (typeof binary === 'string') return checked(Buffer.from(binary, 'base64'), encoding ?? 'protobuf');
  if (typeof session === 'string')
    return encoding === undefined ? guessed(session) : checked(Buffer.from(session), encoding);
  if (Object.keys(membersOf(session)).length > 0)
    return decodeRecord(Buffer.from(JSON.stringify(session)), 'json');
  const value = Buffer.from(JSON.stringify(session) ?? '');
  return {value, fault: 'cannot decode it: the entry has no session'};
}

/** Tries encodings until the string decodes as a session. */
function guessed(text: string): DecodedRecord {
  const bytes = Buffer.from(text.trim());
  if (text.trim().startsWith('{')) return decodeRecord(bytes, 'json');
  for (const encoding of ['hex', 'base64'] as const) {
    const decoded = checked(bytes, encoding);
    if (decoded.fault === undefined && decoded.value.length > 0) return decoded;
  }
  return {value: bytes, fault: 'cannot decode it as hex, base64 or JSON of a session'};
}

/** Decodes bytes, and checks that the result is a session. */
function checked(bytes: Buffer, encoding: RecordEncoding): DecodedRecord {
  const decoded = decodeRecord(bytes, encoding);
  if (decoded.fault !== undefined) return decoded;
  try {
    decodeSession(decoded.value);
    return decoded;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return {value: decoded.value, fault: `cannot decode it as ${encoding}: ${error.message}`};
  }
}

function userIdOf({value, fault}: DecodedRecord): string | undefined {
  return fault === undefined ? decodeSession(value).userId || undefined : undefined;
}

function textIn(members: Members, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = members[name];
    const id: unknown = (value as {readonly $oid?: unknown} | null | undefined)?.$oid ?? value;
    if ((typeof id === 'string' && id !== '') || typeof id === 'number') return String(id);
  }
  return undefined;
}

/** Returns the expiry: 0 for never, undefined if the entry has none. Go writes a time that is not set as year 1. */
function expiryIn(members: Members): number | undefined {
  const name = expiryNames.find((one) => Object.hasOwn(members, one));
  const stated = name === undefined ? undefined : members[name];
  if (stated === undefined || stated === null) return members['expiresKnown'] === true ? 0 : undefined;
  const value: unknown = (stated as {readonly $date?: unknown}).$date ?? stated;
  const time = typeof value === 'number' ? milliseconds(value) : Date.parse(String(value));
  if (Number.isNaN(time)) return undefined;
  return Math.max(0, time);
}

/** Converts a Unix time in seconds, milliseconds or nanoseconds, recognised by its size, to milliseconds. */
function milliseconds(time: number): number {
  if (time < 1e11) return time * 1000;
  return time < 1e16 ? time : time / 1e6;
}
