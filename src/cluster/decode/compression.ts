import {errorCode, errorMessage} from '../../base/error-details.js';
import {DecodeError} from '../../base/errors.js';

/**
 * A compression format, and a hint with the command that decompresses it. gatectl itself decompresses only gzip and
 * zlib.
 */
interface Compression {
  readonly name: string;
  readonly hint: string;
}

const known: readonly (readonly [name: string, firstBytes: string, command: string])[] = [
  ['zstd', '28b52ffd', 'zstd -dc FILE'],
  ['lz4', '04224d18', 'lz4 -dc FILE'],
  ['xz', 'fd377a585a00', 'xz -dc FILE'],
  ['bzip2', '425a6839314159265359', 'bzip2 -dc FILE'],
  ['snappy', 'ff060000734e61507059', 'python3 -m snappy -d FILE'],
  ['S2', 'ff06000053327354774f', 's2d -c FILE'],
];

/** Detects a compression format by its first bytes; returns undefined for other bytes. */
export function compressionOf(bytes: Uint8Array): Compression | undefined {
  const start = Buffer.from(bytes.subarray(0, 10)).toString('hex');
  const found = known.find(([, firstBytes]) => start.startsWith(firstBytes));
  if (found !== undefined) return packed(found[0], found[2]);
  return undefined;
}

const maxUnpackedBytes = 16 * 1024 * 1024;

export interface DecompressedData {
  readonly compression: 'gzip' | 'zlib' | undefined;
  readonly bytes: Buffer;
}

/**
 * Decompresses gzip and zlib; returns other bytes unchanged. Rejects with DecodeError if the data is damaged or
 * decompresses to more than `maxUnpackedBytes`.
 */
export async function decompress(bytes: Buffer): Promise<DecompressedData> {
  const [first = 0, second = 0] = bytes;
  const isGzip = first === 0x1f && second === 0x8b;
  const isZlib = first === 0x78 && (first * 256 + second) % 31 === 0;
  if (!isGzip && !isZlib) return {compression: undefined, bytes};
  const compression = isGzip ? 'gzip' : 'zlib';
  const {unzipSync} = await import('node:zlib');
  try {
    return {compression, bytes: unzipSync(bytes, {maxOutputLength: maxUnpackedBytes})};
  } catch (cause) {
    const why =
      errorCode(cause) === 'ERR_BUFFER_TOO_LARGE'
        ? `it decompresses to more than ${maxUnpackedBytes} bytes`
        : errorMessage(cause);
    throw new DecodeError(`cannot decompress ${compression} data: ${why}`, {cause, offset: 0});
  }
}

const packed = (name: string, command: string): Compression => ({
  name,
  hint: `decompress them first: ${command} | gatectl decode -`,
});

/**
 * Returns true if the bytes are one snappy block (google/snappy, format_description.txt). The format has no magic
 * bytes, so all elements are checked: each copy must refer to earlier output, and the total must equal the stated
 * length.
 */
export function isSnappyBlock(bytes: Uint8Array): boolean {
  const {value: length, end: start} = varint(bytes);
  let [at, written] = [start, 0];
  if (start === 0 || length === 0) return false;
  while (at < bytes.length) {
    const element = elementAt(bytes, at);
    if (element === undefined || element.offset > written) return false;
    at = element.end;
    written += element.length;
    if (written > length) return false;
  }
  return written === length && at === bytes.length;
}

/** Reads a varint of at most 32 bits; `end` is 0 if it is invalid. */
function varint(bytes: Uint8Array): {readonly value: number; readonly end: number} {
  let value = 0;
  for (let at = 0; at < Math.min(5, bytes.length); at += 1) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return {value, end: at + 1};
  }
  return {value: 0, end: 0};
}

interface Element {
  readonly length: number;
  /** How many bytes back the copy starts; 0 for a literal. */
  readonly offset: number;
  readonly end: number;
}

function elementAt(bytes: Uint8Array, at: number): Element | undefined {
  const tag = bytes[at] as number;
  if ((tag & 3) === 0) return literalAt(bytes, at, tag >> 2);
  const size = [0, 1, 2, 4][tag & 3] as number;
  if (at + 1 + size > bytes.length) return undefined;
  const low = littleEndian(bytes, at + 1, size);
  const offset = size === 1 ? (tag >> 5) * 256 + low : low;
  const length = size === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
  return offset === 0 ? undefined : {length, offset, end: at + 1 + size};
}

/** Lengths up to 60 are in the tag; longer ones take 1 to 4 further bytes. */
function literalAt(bytes: Uint8Array, at: number, inTag: number): Element | undefined {
  const sizeBytes = Math.max(0, inTag - 59);
  const length = 1 + (sizeBytes === 0 ? inTag : littleEndian(bytes, at + 1, sizeBytes));
  const end = at + 1 + sizeBytes + length;
  return end > bytes.length ? undefined : {length, offset: 0, end};
}

function littleEndian(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = size - 1; index >= 0; index -= 1) value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}
