import {DecodeError} from '../../base/errors.js';
import {decodeCall, decodeResult} from '../../bus/rpc/envelope.js';
import {decodeRecordPage} from '../../session/codec/record-page.js';
import {decodeSessionPage} from '../../session/codec/session-page.js';
import {decodeSession} from '../../session/codec/session-protobuf.js';
import {compressionOf, isSnappyBlock} from './compression.js';
import {type DataKind, type DecodedData, dataKinds} from './decoded-data.js';
import {parseJsonText} from './json-text.js';
import {
  arePlausibleRecords,
  isPlausibleCall,
  isPlausiblePage,
  isPlausibleResult,
  isPlausibleSession,
  plausibilityRank,
} from './plausibility.js';

/** Decodes bytes as a given kind. Rejects with DecodeError, with the byte offset if it is known. */
export async function decodeAsKind(kind: DataKind, bytes: Uint8Array): Promise<DecodedData> {
  switch (kind) {
    case 'session':
      return {kind, form: 'protobuf', session: decodeSession(bytes)};
    case 'call':
      return {kind, call: decodeCall(bytes)};
    case 'result':
      return {kind, result: decodeResult(bytes)};
    case 'page':
      return {kind, page: decodeSessionPage(bytes)};
    case 'records':
      return {kind, page: decodeRecordPage(bytes)};
    case 'msgpack':
      return decodeMsgpackBytes(bytes);
    case 'json':
      return decodeJsonBytes(bytes);
    default:
      return kind satisfies never;
  }
}

/**
 * Decodes the bytes as each kind that they match, and returns the results, most plausible first. Rejects with
 * DecodeError if they match none.
 */
export async function decodeAsEveryKind(
  bytes: Uint8Array,
): Promise<readonly [DecodedData, ...DecodedData[]]> {
  if (bytes.length === 0) throw new DecodeError('nothing to decode: 0 bytes');
  const packed = compressionOf(bytes);
  if (packed !== undefined)
    throw new DecodeError(`these bytes are ${packed.name}`, {hint: packed.hint, offset: 0});
  if (isJsonText(bytes)) return [await decodeJsonBytes(bytes)];
  const found = (await Promise.all(protobufKinds.map((kind) => plausibly(kind, bytes)))).filter(
    (one) => one !== undefined,
  );
  const [first, ...others] = found.sort((one, other) => plausibilityRank(other) - plausibilityRank(one));
  if (first !== undefined) return [first, ...others];
  const msgpack = looksLikeMsgpackMap(bytes) ? await attempt(() => decodeMsgpackBytes(bytes)) : undefined;
  if (msgpack !== undefined) return [msgpack];
  return decodeAsKind('session', bytes)
    .then((decoded) => [lastResort(decoded, bytes)] as const)
    .catch((error: unknown) => {
      throw unrecognised(error, bytes);
    });
}

const protobufKinds = ['session', 'call', 'result', 'page', 'records'] as const;

async function plausibly(
  kind: (typeof protobufKinds)[number],
  bytes: Uint8Array,
): Promise<DecodedData | undefined> {
  const decoded = await attempt(() => decodeAsKind(kind, bytes));
  return decoded !== undefined && isPlausible(decoded) ? decoded : undefined;
}

function isPlausible(decoded: DecodedData): boolean {
  switch (decoded.kind) {
    case 'session':
      return isPlausibleSession(decoded.session);
    case 'call':
      return isPlausibleCall(decoded.call);
    case 'result':
      return isPlausibleResult(decoded.result);
    case 'page':
      return isPlausiblePage(decoded.page);
    case 'records':
      return arePlausibleRecords(decoded.page);
    default:
      return true;
  }
}

/**
 * Accepts protobuf that parses as a session without looking like one if it has no unknown field; otherwise throws
 * DecodeError.
 */
function lastResort(decoded: DecodedData, bytes: Uint8Array): DecodedData {
  if (decoded.kind === 'session' && decoded.session.unknownFields === undefined) return decoded;
  throw new DecodeError(`${bytes.length} bytes of protobuf, but not an mqant message`, {hint: asHint});
}

const asHint = `to force a type: --as ${dataKinds.join('|')}`;

function unrecognised(cause: unknown, bytes: Uint8Array): DecodeError {
  if (isSnappyBlock(bytes))
    return new DecodeError('these bytes are a snappy block', {
      hint: 'decompress them first: python3 -c "import sys,snappy; sys.stdout.buffer.write(snappy.decompress(sys.stdin.buffer.read()))" < FILE | gatectl decode -',
      cause,
    });
  if (cause instanceof DecodeError && cause.hint === asHint) return cause;
  const {message, offset} =
    cause instanceof DecodeError ? cause : {message: String(cause), offset: undefined};
  const where = offset === undefined ? message : message.replace(/ at byte \d+$/, '');
  return new DecodeError(`unknown data; as a session: ${where}`, {offset, cause, hint: asHint});
}

/** Returns true for printable text that starts like a JSON object or array. No protobuf message of mqant does. */
function isJsonText(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1');
  return /^\s*[[{]/.test(text) && !/[^\t\n\r -~\x80-\xff]/.test(text);
}

function looksLikeMsgpackMap([first = 0]: Uint8Array): boolean {
  return (first >= 0x80 && first <= 0x8f) || first === 0xde || first === 0xdf;
}

async function decodeMsgpackBytes(bytes: Uint8Array): Promise<DecodedData> {
  const {readMsgpack} = await import('../../session/codec/msgpack-reader.js');
  const {sessionFromFields, countSessionFieldNames} = await import('../../session/codec/session-json.js');
  const value = readMsgpack(bytes);
  const isSession =
    value instanceof Map && countSessionFieldNames((key) => value.has(key)) >= minSessionNames;
  return isSession
    ? {kind: 'session', form: 'msgpack', session: sessionFromFields((key) => value.get(key))}
    : {kind: 'msgpack', value};
}

async function decodeJsonBytes(bytes: Uint8Array): Promise<DecodedData> {
  const {sessionFromJson, countSessionFieldNames} = await import('../../session/codec/session-json.js');
  const value = parseJsonText(bytes, {rounded: 'text'});
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const isSession =
    isObject && countSessionFieldNames((key) => Object.hasOwn(value as object, key)) >= minSessionNames;
  return isSession
    ? {kind: 'session', form: 'json', session: sessionFromJson(parseJsonText(bytes))}
    : {kind: 'json', value};
}

/** Minimum number of a session's member names that identify a map as a session. */
const minSessionNames = 3;

async function attempt<T>(decode: () => Promise<T>): Promise<T | undefined> {
  try {
    return await decode();
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
