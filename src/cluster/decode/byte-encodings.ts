import {bytesOfHexdump} from './hexdump.js';
import {bytesOfNumberList} from './number-list.js';

/**
 * Text encodings of bytes. `hexdump` is the output of xxd, hexdump and od, `escapes` is the form of Go's `%q`, Python and
 * redis-cli, `numbers` is a list or array such as Go's `%v`.
 */
export const byteEncodings = ['hex', 'hexdump', 'base64', 'base64url', 'escapes', 'numbers', 'raw'] as const;
export type ByteEncoding = (typeof byteEncodings)[number];

/** Bytes that were read from a string in one encoding. */
export interface BytesInEncoding {
  readonly encoding: ByteEncoding;
  readonly bytes: Buffer;
}

/** Reads a string in every encoding in which it is valid, except `raw`. */
export function decodeInEveryEncoding(text: string): readonly BytesInEncoding[] {
  return byteEncodings.flatMap((encoding) => {
    if (encoding === 'raw') return [];
    const bytes = bytesOfText(text, encoding);
    return bytes === undefined || bytes.length === 0 ? [] : [{encoding, bytes}];
  });
}

/** Decodes a string. Returns undefined if it is not valid in this encoding. */
export function bytesOfText(text: string, encoding: ByteEncoding): Buffer | undefined {
  switch (encoding) {
    case 'hex':
      return fromHex(unquoted(text.trim()));
    case 'hexdump':
      return bytesOfHexdump(text);
    case 'base64':
      return fromBase64(unquoted(text.trim()), /^[A-Za-z0-9+/]+={0,2}$/);
    case 'base64url':
      return fromBase64(unquoted(text.trim()), /^[A-Za-z0-9_-]*[_-][A-Za-z0-9_-]*={0,2}$/);
    case 'escapes':
      return fromEscapes(text.trim());
    case 'numbers':
      return bytesOfNumberList(text.trim());
    case 'raw':
      return Buffer.from(text);
    default:
      return encoding satisfies never;
  }
}

/** Removes quotes around a text without quotes. */
const unquoted = (text: string): string => /^(["'])([^"']*)\1$/.exec(text)?.[2] ?? text;

/** Accepts `0a0e`, `0A 0E`, `0x0a0e`, `0x0a, 0x0e`, `0a:0e`, PostgreSQL's `\x0a0e` and Node's `<Buffer 0a 0e>`. */
function fromHex(text: string): Buffer | undefined {
  const listed = /^<Buffer ([^<>]*)>$/.exec(text)?.[1] ?? text;
  const digits = listed
    .replace(/^\\x(?=[0-9a-f]{3})/i, '')
    .replaceAll(/0x/gi, ' ')
    .replaceAll(/[\s,:]+/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits)) return undefined;
  return Buffer.from(digits, 'hex');
}

function fromBase64(text: string, shape: RegExp): Buffer | undefined {
  const packed = text.replaceAll(/\s+/g, '');
  const digits = packed.replace(/={1,2}$/, '');
  const isPadded = packed.length % 4 === 0 || packed === digits;
  if (!shape.test(packed) || digits.length % 4 === 1 || !isPadded) return undefined;
  return Buffer.from(digits, 'base64');
}

const simpleEscapes: Readonly<Record<string, number>> = {
  n: 10,
  r: 13,
  t: 9,
  a: 7,
  b: 8,
  v: 11,
  f: 12,
  '/': 47,
  '\\': 92,
  '"': 34,
  "'": 39,
};

const escapeOrText =
  /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([nrtabvf/\\"']))|([^\\])/gsuy;

/** Matches a string in quotes, also as Python (`b'…'`) and redis-cli (`1) "…"`) print it. */
const quotedString = /^(?:b|\d{1,9}\) )?(["'])(.*)\1$/s;

/** Accepts a quoted string, or an unquoted one that contains an escape. */
function fromEscapes(text: string): Buffer | undefined {
  const quoted = quotedString.exec(text)?.[2];
  if (quoted === undefined && !text.includes('\\')) return undefined;
  const inner = quoted ?? text;
  const parts: Buffer[] = [];
  let end = 0;
  for (const match of inner.matchAll(escapeOrText)) {
    parts.push(bytesOfEscape(match));
    end = match.index + match[0].length;
  }
  return end === inner.length ? Buffer.concat(parts) : undefined;
}

function bytesOfEscape([, byte, short, long, octal, simple, literal]: RegExpMatchArray): Buffer {
  if (literal !== undefined) return Buffer.from(literal);
  if (byte !== undefined) return Buffer.of(Number.parseInt(byte, 16));
  if (octal !== undefined) return Buffer.of(Number.parseInt(octal, 8) & 0xff);
  const point = Number.parseInt(short ?? long ?? '', 16);
  if (point <= 0x10ffff) return Buffer.from(String.fromCodePoint(point));
  return Buffer.of(simpleEscapes[simple ?? ''] ?? 0);
}
