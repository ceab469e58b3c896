import {DecodeError} from '../../base/errors.js';
import {decodeArgument, type RpcArgument} from '../../bus/rpc/rpc-arguments.js';
import type {MsgpackExtension} from '../../session/codec/msgpack-reader.js';
import {sessionToJson} from '../../session/codec/session-json.js';
import {decodeSession} from '../../session/codec/session-protobuf.js';
import type {RecordPage, StoredRecord} from '../../session/gate-api.js';
import type {SessionRow} from '../../session/session.js';
import type {DecodedData} from './decoded-data.js';
import {parseJsonText} from './json-text.js';

type Document = Readonly<Record<string, unknown>>;

/** Converts decoded data to a JSON document. Bytes become base64; numbers above 2^53 become strings. */
export function jsonDocumentOf(decoded: DecodedData): Document {
  switch (decoded.kind) {
    case 'session':
      return {session: sessionToJson(decoded.session)};
    case 'call': {
      const {argsType, args, ...rest} = decoded.call;
      return {
        call: {...rest, args: args.map((bytes, index) => argumentDocument(argsType[index] ?? '', bytes))},
      };
    }
    case 'result': {
      const {cid, error, resultType, result} = decoded.result;
      return {result: {cid, error, ...argumentDocument(resultType === '' ? 'null' : resultType, result)}};
    }
    case 'page':
      return {rows: decoded.page.rows.map(rowDocument), next: decoded.page.next};
    case 'records':
      return recordsDocument(decoded.page);
    case 'msgpack':
    case 'json':
      return {value: plain(decoded.value)};
    default:
      return decoded satisfies never;
  }
}

/** Converts a typed argument of a call to JSON. If it can't be decoded, returns its bytes and the reason. */
function argumentDocument(type: string, bytes: Uint8Array): Document {
  try {
    return {type, value: valueIn(decodeArgument(type, bytes), bytes)};
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return {type, undecodable: error.message, value: base64(bytes)};
  }
}

function valueIn(argument: RpcArgument, bytes: Uint8Array): unknown {
  switch (argument.type) {
    case 'null':
      return null;
    case 'SESSION':
      return sessionToJson(argument.value);
    case 'bytes':
    case 'ProtocolMarshal':
    case 'other':
      return bytesValue(argument.value);
    case 'long':
      return plain(argument.value);
    case 'map':
    case 'mapstr':
      return parseJsonText(bytes, {rounded: 'text'}) ?? {}; // parse again, because JSON.parse rounds large numbers
    default:
      return argument.value;
  }
}

/** Returns bytes as text if they are valid UTF-8, as most message bodies are; otherwise as base64. */
function bytesValue(bytes: Uint8Array): unknown {
  try {
    return {text: new TextDecoder('utf-8', {fatal: true}).decode(bytes)};
  } catch {
    return {base64: base64(bytes)};
  }
}

function rowDocument({session, ...numbers}: SessionRow): Document {
  return {session: sessionToJson(session), ...numbers};
}

function recordsDocument({records, unread, next}: RecordPage): Document {
  return {records: records.map(recordDocument), ...(unread !== undefined && {unread}), next};
}

function recordDocument({uid, value, revision, expiresAt, fault}: StoredRecord): Document {
  const expiry = {expiresAt: expiresAt ?? null, expiresKnown: expiresAt !== undefined};
  const about = {uid, revision, ...expiry};
  if (fault !== undefined) return {...about, undecodable: fault, value: base64(value)};
  try {
    return {...about, session: sessionToJson(decodeSession(value))};
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return {...about, undecodable: error.message, value: base64(value)};
  }
}

/** Converts msgpack values that JSON lacks to JSON values. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint')
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
      ? Number(value)
      : String(value);
  if (value instanceof Uint8Array) return {base64: base64(value)};
  if (value instanceof Date) return value.toISOString();
  if (isExtension(value)) return {extension: value.extension, base64: base64(value.bytes)};
  if (value instanceof Map) return plainMap(value);
  return Array.isArray(value) ? value.map(plain) : value;
}

/**
 * Converts a map to an object. If a key is not a string, converts the map to a list of entries, so that keys can't
 * collide and nested keys are not escaped repeatedly.
 */
function plainMap(map: ReadonlyMap<unknown, unknown>): Document {
  const entries = [...map].map(([key, item]): [unknown, unknown] => [plain(key), plain(item)]);
  const isNamed = [...map.keys()].every((key) => typeof key === 'string');
  return isNamed ? Object.fromEntries(entries) : {entries};
}

const isExtension = (value: unknown): value is MsgpackExtension =>
  typeof value === 'object' && value !== null && 'extension' in value && 'bytes' in value;

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
