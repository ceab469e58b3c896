import {hash} from 'node:crypto';
import {DecodeError, UnreadableRecordError, UsageError} from '../base/errors.js';
import {sessionToJson} from '../session/codec/session-json.js';
import {encodeSessionMsgpack} from '../session/codec/session-msgpack.js';
import {decodeSession, encodeSession} from '../session/codec/session-protobuf.js';
import type {ForeignValue} from '../session/gate-api.js';
import type {ForeignFormat} from './foreign/foreign-map.js';
import {ForeignRecord} from './foreign/foreign-record.js';
import {jsonFormat} from './foreign/json-map.js';
import {msgpackFormat} from './foreign/msgpack-map.js';

/** Encodings of stored sessions. Most projects use protobuf. */
export const recordEncodings = ['protobuf', 'base64', 'hex', 'json', 'msgpack'] as const;
export type RecordEncoding = (typeof recordEncodings)[number];

/** Encodings that are documents, which may contain members of the project. */
const formats: Readonly<Record<string, ForeignFormat>> = {json: jsonFormat, msgpack: msgpackFormat};

export const isDocumentEncoding = (encoding: RecordEncoding): boolean => Object.hasOwn(formats, encoding);

/** Returns the revision of stored bytes: equal for equal bytes. Scripts in Redis compute the same. */
export const revisionOfBytes = (bytes: Uint8Array): string => hash('sha1', bytes);

/** Encodes the protobuf bytes of a session for a new record. */
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
 * Updates the session fields of a stored document, and keeps everything else byte for byte. Throws
 * UnreadableRecordError if the document is unreadable, because overwriting it would destroy the project's data.
 */
export function updateStoredDocument(stored: Buffer, value: Uint8Array, encoding: RecordEncoding): Buffer {
  const format = formats[encoding];
  if (format === undefined) return encodeRecord(value, encoding);
  try {
    return new ForeignRecord(format, stored).edited(decodeSession(value));
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw new UnreadableRecordError(
      `the stored ${encoding} cannot be edited without losing data: ${cause.message}`,
      {
        hint: 'to see it: gatectl records get; to delete it and start over: gatectl records delete',
        cause,
      },
    );
  }
}

export interface DecodedRecord {
  /** The protobuf bytes of the session; with a fault, the stored bytes. */
  readonly value: Uint8Array;
  readonly fault?: string;
  /** The stored bytes, if they contain more than `value` can express. */
  readonly stored?: ForeignValue;
}

/** Decodes stored bytes. If that fails, returns them unchanged, with the reason. */
export function decodeRecord(bytes: Buffer, encoding: RecordEncoding): DecodedRecord {
  try {
    return decoded(bytes, encoding);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const fault = `cannot decode it as ${encoding}: ${error.message}`;
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
  if (value.toString(encoding) !== text) throw new DecodeError(`the stored text is not valid ${encoding}`);
  return {value};
}

/** Throws UsageError if storing a record in this encoding would lose members of the project. */
export function refuseMemberLoss(uid: string, {encoding, bytes}: ForeignValue, into: RecordEncoding): void {
  const extras = nonSessionMemberNames({encoding, bytes});
  if (extras.length === 0) return;
  const some = extras.slice(0, 5).map((name) => JSON.stringify(name));
  throw new UsageError(
    `the record of "${uid}" has members that a store with encoding=${into} cannot keep: ${some.join(', ')}`,
    {hint: `import it into a store with ?encoding=${encoding}, or remove "stored" from its line`},
  );
}

/** Returns the names of members that are not fields of a session. Bytes that can't be decoded count as one member. */
export function nonSessionMemberNames({encoding, bytes}: ForeignValue): readonly string[] {
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
