import {DecodeError, UnreadableRecordError, UsageError} from '../base/errors.js';
import {sessionToJson} from '../session/codec/session-json.js';
import {encodeSessionMsgpack} from '../session/codec/session-msgpack.js';
import {decodeSession, encodeSession} from '../session/codec/session-protobuf.js';
import type {ForeignValue} from '../session/gate-api.js';
import type {ForeignFormat} from './foreign/foreign-map.js';
import {ForeignRecord} from './foreign/foreign-record.js';
import {jsonFormat} from './foreign/json-map.js';
import {msgpackFormat} from './foreign/msgpack-map.js';

/** How projects write a session into a store: most as protobuf bytes. */
export const recordEncodings = ['protobuf', 'base64', 'hex', 'json', 'msgpack'] as const;
export type RecordEncoding = (typeof recordEncodings)[number];

/** Formats of documents, which may hold members of the project's own. */
const formats: Readonly<Record<string, ForeignFormat>> = {json: jsonFormat, msgpack: msgpackFormat};

export const isDocument = (encoding: RecordEncoding): boolean => Object.hasOwn(formats, encoding);

/** The bytes to store for a session's protobuf bytes where nothing is stored yet. */
export function encodeRecord(value: Uint8Array, encoding: RecordEncoding): Buffer {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  switch (encoding) {
    case 'protobuf':
      return bytes;
    case 'base64':
    case 'hex':
      return Buffer.from(bytes.toString(encoding), 'latin1');
    case 'json':
      return Buffer.from(JSON.stringify(sessionToJson(decodeSession(bytes))));
    case 'msgpack':
      return encodeSessionMsgpack(decodeSession(bytes));
    default:
      return encoding satisfies never;
  }
}

/**
 * The stored document with the fields of a session; all else in it stays byte for byte. Throws UnreadableRecordError when the
 * document cannot be read, because writing over it would destroy what the project keeps there.
 */
export function editDocument(stored: Buffer, value: Uint8Array, encoding: RecordEncoding): Buffer {
  const format = formats[encoding];
  if (format === undefined) return encodeRecord(value, encoding);
  try {
    return new ForeignRecord(format, stored).edited(decodeSession(value));
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw new UnreadableRecordError(
      `the stored ${encoding} cannot be edited without losing data: ${cause.message}`,
      {
        hint: 'look at it: gatectl records get; delete it to start over: gatectl records delete',
        cause,
      },
    );
  }
}

export interface DecodedRecord {
  /** The session's protobuf bytes; with a fault the stored bytes. */
  readonly value: Uint8Array;
  readonly fault?: string;
  /** The stored bytes, where `value` does not carry all that is in them. */
  readonly stored?: ForeignValue;
}

/** Reads stored bytes. Bytes that are not in this encoding come back as they are, with the reason. */
export function decodeRecord(bytes: Buffer, encoding: RecordEncoding): DecodedRecord {
  try {
    return decoded(bytes, encoding);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const fault = `not decodable as ${encoding}: ${error.message}`;
    return {value: bytes, fault, stored: {encoding, bytes}};
  }
}

function decoded(bytes: Buffer, encoding: RecordEncoding): DecodedRecord {
  const format = formats[encoding];
  if (format !== undefined) {
    const value = encodeSession(new ForeignRecord(format, bytes).session);
    const isOurs = encodeRecord(value, encoding).equals(bytes);
    return isOurs ? {value} : {value, stored: {encoding, bytes}};
  }
  if (encoding !== 'base64' && encoding !== 'hex') return {value: bytes};
  const text = bytes.toString('latin1');
  const value = Buffer.from(text, encoding);
  if (value.toString(encoding) !== text) throw new DecodeError(`the stored text is no ${encoding}`);
  return {value};
}

/** Throws UsageError when a record cannot be stored in this encoding without losing members of the project's own. */
export function refuseLoss(uid: string, {encoding, bytes}: ForeignValue, into: RecordEncoding): void {
  const extras = foreignMembers({encoding, bytes});
  if (extras.length === 0) return;
  const some = extras.slice(0, 5).map((name) => JSON.stringify(name));
  throw new UsageError(
    `the record of "${uid}" has members that a store with encoding=${into} cannot keep: ${some.join(', ')}`,
    {hint: `import it into a store with ?encoding=${encoding}, or remove "stored" from its line`},
  );
}

/** Members that a session has no field for. Bytes that cannot be decoded count as one. */
export function foreignMembers({encoding, bytes}: ForeignValue): readonly string[] {
  const known = recordEncodings.find((name) => name === encoding);
  if (known === undefined) return [`${encoding} bytes`];
  const format = formats[known];
  try {
    if (format !== undefined) return new ForeignRecord(format, bytes).extras;
    decoded(Buffer.from(bytes), known);
    return [];
  } catch (error) {
    if (error instanceof DecodeError) return [`undecodable ${encoding}`];
    throw error;
  }
}
