import {isUtf8} from 'node:buffer';
import {DecodeError} from '../../base/errors.js';
import {firstInvalidUtf8} from './protobuf-reader.js';

/** An undecoded extension value other than a timestamp. */
export interface MsgpackExtension {
  readonly extension: number;
  readonly bytes: Uint8Array;
}

const maxDepth = 64;
const timestamp = -1;

/**
 * Reads one msgpack value (https://github.com/msgpack/msgpack/blob/master/spec.md) from untrusted bytes. Maps become
 * Map, 64-bit integers bigint, binary data Uint8Array, timestamps Date, other extensions `Extension`. Never allocates
 * more than the size of the input, whatever lengths it claims. Throws DecodeError with the offset.
 */
export function readMsgpack(bytes: Uint8Array): unknown {
  const reader = new MsgpackReader(bytes);
  const value = reader.value(0);
  reader.mustBeAtEnd();
  return value;
}

/** A map entry and its offsets. */
export interface MsgpackEntry {
  readonly key: unknown;
  readonly value: unknown;
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

/**
 * Returns all entries of a map, including duplicate keys; undefined if the value is not a map. Throws DecodeError
 * like `readMsgpack`.
 */
export function msgpackEntries(bytes: Uint8Array): readonly MsgpackEntry[] | undefined {
  const reader = new MsgpackReader(bytes);
  const size = reader.mapSize();
  if (size === undefined) return undefined;
  const entries: MsgpackEntry[] = [];
  for (let at = 0; at < size; at += 1) {
    const start = reader.position;
    const key = reader.value(1);
    const valueStart = reader.position;
    const value = reader.value(1);
    entries.push({key, value, start, valueStart, end: reader.position});
  }
  reader.mustBeAtEnd();
  return entries;
}

class MsgpackReader {
  position = 0;
  private readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  value(depth: number): unknown {
    const at = this.position;
    if (depth > maxDepth) throw new DecodeError(`msgpack nested deeper than ${maxDepth}`, {offset: at});
    const type = this.unsigned(1);
    if (type < 0x80) return type;
    if (type < 0x90) return this.map(type & 0x0f, depth);
    if (type < 0xa0) return this.array(type & 0x0f, depth);
    if (type < 0xc0) return this.text(type & 0x1f);
    if (type >= 0xe0) return type - 0x100;
    return this.typed(type, at, depth);
  }

  mustBeAtEnd(): void {
    const rest = this.bytes.length - this.position;
    if (rest === 0) return;
    throw new DecodeError(`${rest} ${rest === 1 ? 'byte' : 'bytes'} after the msgpack value`, {
      offset: this.position,
      hint: 'the value ends before that byte: pass only the bytes before it to gatectl decode',
    });
  }

  /** Reads the header of a map. Returns its number of entries; undefined for other values. */
  mapSize(): number | undefined {
    const type = this.unsigned(1);
    if (type >= 0x80 && type < 0x90) return type & 0x0f;
    if (type !== 0xde && type !== 0xdf) return undefined;
    const size = this.unsigned(type === 0xde ? 2 : 4);
    this.checkFits(size * 2);
    return size;
  }

  private typed(type: number, at: number, depth: number): unknown {
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return type === 0xc3;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return Uint8Array.from(this.take(this.unsigned(1 << (type - 0xc4))));
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.extension(this.unsigned(1 << (type - 0xc7)));
      case 0xca:
        return this.take(4).readFloatBE();
      case 0xcb:
        return this.take(8).readDoubleBE();
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.unsigned(1 << (type - 0xcc));
      case 0xcf:
        return this.take(8).readBigUInt64BE();
      case 0xd0:
      case 0xd1:
      case 0xd2:
        return this.signed(1 << (type - 0xd0));
      case 0xd3:
        return this.take(8).readBigInt64BE();
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.extension(1 << (type - 0xd4));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.text(this.unsigned(1 << (type - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.array(this.unsigned(type === 0xdc ? 2 : 4), depth);
      case 0xde:
      case 0xdf:
        return this.map(this.unsigned(type === 0xde ? 2 : 4), depth);
      default:
        throw new DecodeError(`invalid msgpack type 0x${type.toString(16)}`, {offset: at});
    }
  }

  private unsigned(size: number): number {
    return this.take(size).readUIntBE(0, size);
  }

  private signed(size: number): number {
    return this.take(size).readIntBE(0, size);
  }

  private take(size: number): Buffer {
    const start = this.position;
    if (start + size > this.bytes.length)
      throw new DecodeError(`truncated msgpack: ${size} bytes expected, ${this.bytes.length - start} left`, {
        offset: start,
      });
    this.position = start + size;
    return this.bytes.subarray(start, this.position);
  }

  private text(size: number): string {
    const start = this.position;
    const text = this.take(size);
    if (isUtf8(text)) return text.toString();
    throw new DecodeError('a string contains invalid UTF-8', {
      offset: firstInvalidUtf8(this.bytes, start, start + size),
    });
  }

  private array(size: number, depth: number): unknown[] {
    this.checkFits(size);
    const items: unknown[] = [];
    for (let at = 0; at < size; at += 1) items.push(this.value(depth + 1));
    return items;
  }

  /** If a key occurs more than once, its last value wins, as in protobuf maps. */
  private map(size: number, depth: number): Map<unknown, unknown> {
    this.checkFits(size * 2);
    const entries = new Map<unknown, unknown>();
    for (let at = 0; at < size; at += 1) {
      const key = this.value(depth + 1);
      entries.set(key, this.value(depth + 1));
    }
    return entries;
  }

  /** Throws if more items are announced than bytes are left, because each item takes at least one byte. */
  private checkFits(items: number): void {
    const left = this.bytes.length - this.position;
    if (items > left)
      throw new DecodeError(`truncated msgpack: ${items} items announced, ${left} bytes left`, {
        offset: this.position,
      });
  }

  private extension(size: number): MsgpackExtension | Date {
    const extension = this.signed(1);
    const at = this.position;
    const bytes = this.take(size);
    if (extension !== timestamp) return {extension, bytes: Uint8Array.from(bytes)};
    const date = new Date(millisecondsOf(bytes));
    if (!Number.isNaN(date.getTime())) return date;
    throw new DecodeError('timestamp out of range', {offset: at});
  }
}

/** Decodes timestamps of 32, 64 and 96 bits; returns NaN for other sizes. */
function millisecondsOf(bytes: Buffer): number {
  if (bytes.length === 4) return bytes.readUInt32BE() * 1000;
  if (bytes.length === 8) {
    const nanoseconds = bytes.readUInt32BE() >>> 2;
    return ((bytes.readUInt32BE() & 3) * 2 ** 32 + bytes.readUInt32BE(4)) * 1000 + nanoseconds / 1e6;
  }
  return bytes.length === 12
    ? Number(bytes.readBigInt64BE(4)) * 1000 + bytes.readUInt32BE() / 1e6
    : Number.NaN;
}
