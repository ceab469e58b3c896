/**
 * Text encodings of bytes. `hexdump` is the output of xxd and of hexdump -C, `escapes` is the form of Go's `%q` and
 * of redis-cli, `numbers` is Go's `%v`.
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
      return fromHex(text.trim());
    case 'hexdump':
      return fromHexdump(text);
    case 'base64':
      return fromBase64(text, /^[A-Za-z0-9+/]+={0,2}$/);
    case 'base64url':
      return fromBase64(text, /^[A-Za-z0-9_-]*[_-][A-Za-z0-9_-]*={0,2}$/);
    case 'escapes':
      return fromEscapes(text.trim());
    case 'numbers':
      return fromNumbers(text.trim());
    case 'raw':
      return Buffer.from(text);
    default:
      return encoding satisfies never;
  }
}

/** Accepts `0a0e`, `0A 0E`, `0x0a0e`, `0x0a, 0x0e` and `0a:0e`. */
function fromHex(text: string): Buffer | undefined {
  const digits = text.replaceAll(/0x/gi, ' ').replaceAll(/[\s,:]+/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits)) return undefined;
  return Buffer.from(digits, 'hex');
}

/**
 * Accepts the output of xxd (`00000010: 0a0e 31…  ..1`), and of hexdump -C and od (`00000010  0a 0e 31 …  |..1|`),
 * where `*` repeats the previous line.
 */
function fromHexdump(text: string): Buffer | undefined {
  const parts: Buffer[] = [];
  let size = 0;
  let repeats = false;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    if (line.trim() === '*' && parts.length > 0) {
      repeats = true;
      continue;
    }
    const [, offset = '', colon = '', rest = ''] = /^\s*([0-9a-f]{4,16})(:?)(?:\s+(.*))?$/i.exec(line) ?? [];
    if (offset === '') return undefined;
    const start = Number.parseInt(offset, 16);
    if (repeats) {
      const added = repeated(parts.at(-1), start - size);
      if (added === undefined) return undefined;
      parts.push(added);
      size += added.length;
      repeats = false;
    }
    const hex = rest.split(colon === ':' ? '  ' : /[|>]/, 1)[0] ?? '';
    const bytes = rest === '' ? Buffer.alloc(0) : fromHex(hex);
    if (bytes === undefined || start !== size) return undefined;
    parts.push(bytes);
    size += bytes.length;
  }
  return parts.length > 1 || /^\s*0{4,}(?::|\s)/.test(text) ? Buffer.concat(parts) : undefined;
}

const maxRepeatedBytes = 16 * 1024 * 1024;

function repeated(line: Buffer | undefined, size: number): Buffer | undefined {
  if (line === undefined || line.length === 0 || size <= 0 || size > maxRepeatedBytes) return undefined;
  return size % line.length === 0 ? Buffer.alloc(size, line) : undefined;
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
  '\\': 92,
  '"': 34,
  "'": 39,
};

const escapeOrText =
  /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([nrtabvf\\"']))|([^\\])/gsuy;

/** Accepts a quoted string, or an unquoted one that contains an escape. */
function fromEscapes(text: string): Buffer | undefined {
  const isQuoted = text.length >= 2 && text.startsWith('"') && text.endsWith('"');
  if (!isQuoted && !text.includes('\\')) return undefined;
  const inner = isQuoted ? text.slice(1, -1) : text;
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

/** Accepts `[10 14 49]`, as Go prints a []byte, and `[]byte{0xa, 0xe}`. */
function fromNumbers(text: string): Buffer | undefined {
  const inner = /^\[([\d\s,]+)\]$/.exec(text)?.[1] ?? /^\[\]byte\{([0-9a-fx\s,]+)\}$/i.exec(text)?.[1];
  if (inner === undefined) return undefined;
  const numbers = inner
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map(Number);
  return numbers.every((number) => Number.isInteger(number) && number <= 255)
    ? Buffer.from(numbers)
    : undefined;
}
