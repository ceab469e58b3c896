import {DecodeError} from '../errors.js';
import {sessionFromJson, sessionToJson} from '../session/json.js';
import {decodeSessionMsgpack, encodeSessionMsgpack} from '../session/msgpack.js';
import {decodeSession, encodeSession} from '../session/session-codec.js';
import {parseStrictJson} from '../session/strict-json.js';

/** How projects write a session's protobuf bytes into a store: most as they are. */
export const recordEncodings = ['protobuf', 'base64', 'hex', 'json', 'msgpack'] as const;
export type RecordEncoding = (typeof recordEncodings)[number];

/** What is stored for a session's protobuf bytes. */
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

/** The protobuf bytes of what is stored; what cannot be read comes back as it is, for the reader to say so. */
export function decodeRecord(stored: Buffer, encoding: RecordEncoding): Uint8Array {
  try {
    return read(stored, encoding);
  } catch (error) {
    if (error instanceof DecodeError || error instanceof SyntaxError) return stored;
    throw error;
  }
}

function read(stored: Buffer, encoding: RecordEncoding): Uint8Array {
  switch (encoding) {
    case 'protobuf':
      return stored;
    case 'base64':
    case 'hex': {
      const text = stored.toString('latin1');
      const bytes = Buffer.from(text, encoding);
      return bytes.toString(encoding) === text ? bytes : stored;
    }
    case 'json':
      return encodeSession(sessionFromJson(parseStrictJson(stored.toString())));
    case 'msgpack':
      return encodeSession(decodeSessionMsgpack(stored));
    default:
      return encoding satisfies never;
  }
}
