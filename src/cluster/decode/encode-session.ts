import {sessionFromJson} from '../../session/codec/session-json.js';
import {encodeSession} from '../../session/codec/session-protobuf.js';
import type {Session} from '../../session/session.js';
import {parseJsonText} from './json-text.js';

export const sessionFormats = ['protobuf', 'msgpack', 'json'] as const;
export type SessionFormat = (typeof sessionFormats)[number];

export const textEncodings = ['hex', 'base64', 'base64url', 'escapes'] as const;
export type TextEncoding = (typeof textEncodings)[number];

/** Parses a session from a JSON document, or from the output of `decode -o json`. Throws DecodeError. */
export function sessionFromDocument(json: Uint8Array): Session {
  const value = parseJsonText(json);
  if (typeof value === 'object' && value !== null && 'session' in value)
    return sessionFromJson(value.session);
  return sessionFromJson(value);
}

export async function encodeSessionAs(session: Session, form: SessionFormat): Promise<Buffer> {
  switch (form) {
    case 'protobuf':
      return encodeSession(session);
    case 'msgpack': {
      const {encodeSessionMsgpack} = await import('../../session/codec/session-msgpack.js');
      return encodeSessionMsgpack(session);
    }
    case 'json': {
      const {sessionToJson} = await import('../../session/codec/session-json.js');
      return Buffer.from(JSON.stringify(sessionToJson(session)));
    }
    default:
      return form satisfies never;
  }
}

/** Encodes bytes as text that `decode` reads back. */
export function textOfBytes(bytes: Buffer, encoding: TextEncoding): string {
  return encoding === 'escapes' ? `"${escaped(bytes)}"` : bytes.toString(encoding);
}

/** Escapes bytes in a form that both redis-cli and Go can read. */
function escaped(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    if (char === '"' || char === '\\') text += `\\${char}`;
    else text += byte >= 0x20 && byte < 0x7f ? char : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}
