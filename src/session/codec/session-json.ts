import {DecodeError} from '../../base/errors.js';
import {newSession, type Session, type StringBag, stringBag} from '../session.js';

/**
 * A session as a JSON document. `unknownFields` is base64. Empty fields are included, so that all documents have the
 * same shape.
 */
export interface SessionDocument {
  readonly sessionId: string;
  readonly serverId: string;
  readonly userId: string;
  readonly network: string;
  readonly ip: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly topic: string;
  readonly settings: StringBag;
  readonly carrier: StringBag;
  readonly unknownFields?: string;
}

export function sessionToJson(session: Session): SessionDocument {
  const {sessionId, serverId, userId, network, ip, traceId, spanId, topic, settings, carrier, unknownFields} =
    session;
  const known = {sessionId, serverId, userId, network, ip, traceId, spanId, topic, settings, carrier};
  return unknownFields === undefined
    ? known
    : {...known, unknownFields: Buffer.from(unknownFields).toString('base64')};
}

/** Accepted spellings of field names: of this document, of mqant's protobuf, and of gatectl's listings. */
const names = {
  sessionId: ['sessionId', 'SessionId', 'Sessionid', 'id'],
  serverId: ['serverId', 'ServerId', 'Serverid', 'gate'],
  userId: ['userId', 'UserId', 'Userid', 'uid'],
  network: ['network', 'Network'],
  ip: ['ip', 'IP'],
  traceId: ['traceId', 'TraceId'],
  spanId: ['spanId', 'SpanId'],
  topic: ['topic', 'Topic'],
} as const;
const bagNames = {settings: ['settings', 'Settings'], carrier: ['carrier', 'Carrier']} as const;

/** Returns the value of a key in a JSON or msgpack map. */
type Lookup = (key: string) => unknown;

/** Returns how many names of session fields a map has, to decide whether it is a session. */
export function countSessionFieldNames(has: (key: string) => boolean): number {
  return [...Object.values(names), ...Object.values(bagNames)].filter((spellings) => spellings.some(has))
    .length;
}

/** Creates a session from a map; missing fields are empty. Throws DecodeError with the name of the invalid field. */
export function sessionFromFields(lookup: Lookup): Session {
  const fields = Object.fromEntries(
    Object.entries(names).map(([name, spellings]) => [name, textIn(lookup, spellings, name)]),
  );
  const settings = stringsOf(find(lookup, bagNames.settings), 'settings');
  const carrier = stringsOf(find(lookup, bagNames.carrier), 'carrier');
  const unknown = lookup('unknownFields');
  return newSession({
    ...fields,
    settings,
    carrier,
    ...(typeof unknown === 'string' && {unknownFields: Buffer.from(unknown, 'base64')}),
  });
}

/** Throws DecodeError for a map without any session field, because its content would be lost. */
export function rejectNonSession(keys: readonly unknown[]): void {
  if (keys.length === 0 || countSessionFieldNames((name) => keys.includes(name)) > 0) return;
  const found = keys.slice(0, 3).map((key) => JSON.stringify(String(key)));
  throw new DecodeError(`it has no field of a session, only ${found.join(', ')}`, {
    hint: 'a session has sessionId, serverId, userId, settings …',
  });
}

/** Parses a session document. Throws DecodeError. */
export function sessionFromJson(value: unknown): Session {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new DecodeError('a session is a JSON object');
  const object = value as Readonly<Record<string, unknown>>;
  rejectNonSession(Object.keys(object));
  return sessionFromFields((key) => (Object.hasOwn(object, key) ? object[key] : undefined));
}

/**
 * Returns a field as a string; empty if missing. Throws DecodeError if two of its spellings have different values,
 * because one would be lost.
 */
function textIn(lookup: Lookup, spellings: readonly string[], name: string): string {
  const found = spellings.flatMap((spelling) => {
    const value = lookup(spelling) ?? undefined;
    return value === undefined ? [] : [{spelling, text: textOf(value, name)}];
  });
  const [first, ...others] = found;
  const other = others.find(({text}) => text !== first?.text);
  if (first === undefined || other === undefined) return first?.text ?? '';
  throw new DecodeError(`${first.spelling} and ${other.spelling} differ`);
}

function find(lookup: Lookup, spellings: readonly string[]): unknown {
  for (const spelling of spellings) {
    const value = lookup(spelling);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new DecodeError(`${name} is not a string`);
  return wellFormed(value, name);
}

function stringsOf(value: unknown, name: string): StringBag {
  if (value === undefined) return stringBag();
  const entries = entriesOf(value);
  if (entries === undefined) throw new DecodeError(`${name} is not a map`);
  return stringBag(
    entries.map(([key, text]) => {
      if (typeof key !== 'string') throw new DecodeError(`${name} has a key that is not a string`);
      if (typeof text !== 'string') throw new DecodeError(`${name}[${JSON.stringify(key)}] is not a string`);
      return [wellFormed(key, name), wellFormed(text, name)] as const;
    }),
  );
}

function entriesOf(value: unknown): (readonly [unknown, unknown])[] | undefined {
  if (value instanceof Map) return [...value];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value);
}

function wellFormed(text: string, name: string): string {
  if (text.isWellFormed()) return text;
  throw new DecodeError(`${name} contains a lone surrogate, which is not valid UTF-8`);
}
