import {DecodeError} from '../../base/errors.js';
import {newSession, type Session, type StringBag, stringBag} from '../session.js';

/** A session as a JSON document. `unknownFields` is base64. Empty fields are present, so all documents have one shape. */
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

/** Accepted names: the document's, mqant's protobuf names, and those of gatectl's listings. */
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

/** Looks a key up in a JSON or msgpack map. */
type Lookup = (key: string) => unknown;

/** Counts a map's session field names, to judge whether it is a session. */
export function sessionNamesIn(has: (key: string) => boolean): number {
  return [...Object.values(names), ...Object.values(bagNames)].filter((spellings) => spellings.some(has))
    .length;
}

/** Builds a session from a map; missing fields are empty. Throws DecodeError that names the field. */
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

/** Rejects a map without any session field, whose content would be lost. Throws DecodeError. */
export function rejectNonSession(keys: readonly unknown[]): void {
  if (keys.length === 0 || sessionNamesIn((name) => keys.includes(name)) > 0) return;
  const said = keys.slice(0, 3).map((key) => JSON.stringify(String(key)));
  throw new DecodeError(`it has no field of a session, only ${said.join(', ')}`, {
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

/** Rejects two spellings of one field with different values, since one would be lost. */
function textIn(lookup: Lookup, spellings: readonly string[], name: string): string {
  const said = spellings.flatMap((spelling) => {
    const value = lookup(spelling) ?? undefined;
    return value === undefined ? [] : [{spelling, text: textOf(value, name)}];
  });
  const [first, ...others] = said;
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
