import {isUtf8} from 'node:buffer';
import {DecodeError} from '../../base/errors.js';

export const WireType = {varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5} as const;

const maxFieldNumber = 2 ** 29 - 1;
/** Go's protobuf allows a depth of 10,000, but sessions contain no groups. */
const maxGroupDepth = 100;

const largeBufferBytes = 4096;
const maxSingleCuts = 8;

/**
 * A cursor over protobuf wire format. Accepts and rejects the same input as Go's `google.golang.org/protobuf`: strict
 * UTF-8, field numbers 1 to 2^29-1, varints of at most ten bytes. Each DecodeError has the offset of the invalid
 * byte.
 * Strings are cut from one Latin-1 string of the whole buffer, which takes one call into V8's runtime instead of one
 * per field. For a large buffer that string is created only once many fields have been read: an envelope has few
 * fields, next to one large body.
 */
export class ProtobufReader {
  position: number;
  end: number;
  /** Number of the current field: the one whose tag was read last. */
  field = 0;
  wireType = 0;
  readonly bytes: Buffer;
  private latin1: string | undefined;
  private cuts = 0;

  /** `isAscii` states that no byte of any string is above 0x7f, so that strings need no check. */
  constructor(
    bytes: Uint8Array,
    private readonly isAscii = false,
  ) {
    this.bytes = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = 0;
    this.end = bytes.length;
    if (isAscii) this.latin1 = this.bytes.toString('latin1');
  }

  /** Reads the next tag into `field` and `wireType`; returns false at the end. */
  next(): boolean {
    if (this.position >= this.end) return false;
    const at = this.position;
    const first = this.bytes[at] as number;
    this.wireType = first & 7;
    if (first >= 8 && first < 0x80) {
      this.position = at + 1;
      this.field = first >>> 3;
      return true;
    }
    this.field = Math.floor(this.varint() / 8);
    if (this.field < 1 || this.field > maxFieldNumber) {
      throw new DecodeError(`invalid field number ${this.field}`, {offset: at});
    }
    return true;
  }

  /** Reads an unsigned varint; exact up to 2^53, rounded above. */
  varint(): number {
    const at = this.position;
    let value = 0;
    let scale = 1;
    for (let index = 0; index < 10; index += 1) {
      if (at + index >= this.end) throw new DecodeError('truncated varint', {offset: at});
      const byte = this.bytes[at + index] as number;
      if (index === 9 && byte > 1) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.position = at + index + 1;
        return value;
      }
      scale *= 128;
    }
    throw new DecodeError('varint longer than 64 bits', {offset: at});
  }

  /** Reads a length, and returns the end offset of the bytes; they start at `position`. */
  lengthDelimited(): number {
    const at = this.position;
    const first = this.bytes[at];
    let length: number;
    if (first !== undefined && first < 0x80 && at < this.end) {
      length = first;
      this.position = at + 1;
    } else {
      length = this.varint();
    }
    const end = this.position + length;
    if (end > this.end) {
      throw new DecodeError(`length ${length} runs past the end (${this.end - this.position} left)`, {
        offset: at,
      });
    }
    return end;
  }

  /** Reads a string field. `name` is used in errors. */
  string(name: string): string {
    const end = this.lengthDelimited();
    const start = this.position;
    this.position = end;
    if (this.isAscii) return (this.latin1 as string).substring(start, end);
    const {bytes} = this;
    for (let index = start; index < end; index += 1) {
      if ((bytes[index] as number) >= 0x80) return this.utf8(start, end, name);
    }
    return this.cut(start, end);
  }

  /** Reads a string field. If it equals `expected`, returns `expected` itself, so that no new string is created. */
  stringLike(expected: string, name: string): string {
    const {bytes, position} = this;
    const {length} = expected;
    if (bytes[position] !== length || length >= 0x80 || position + length >= this.end)
      return this.string(name);
    for (let index = 0; index < length; index += 1)
      if (bytes[position + 1 + index] !== expected.charCodeAt(index)) return this.string(name);
    this.position = position + 1 + length;
    return expected;
  }

  /** Returns a view of a bytes field. Copy it if it must outlive the buffer. */
  view(): Buffer {
    const end = this.lengthDelimited();
    const view = this.bytes.subarray(this.position, end);
    this.position = end;
    return view;
  }

  /** Skips the value of the current field. */
  skip(depth = 0): void {
    switch (this.wireType) {
      case WireType.varint:
        this.varint();
        return;
      case WireType.fixed64:
        this.skipFixed(8);
        return;
      case WireType.bytes:
        this.position = this.lengthDelimited();
        return;
      case WireType.startGroup:
        this.skipGroup(this.field, depth);
        return;
      case WireType.fixed32:
        this.skipFixed(4);
        return;
      case WireType.endGroup:
        throw new DecodeError(`group ${this.field} ends but has no start`, {offset: this.position - 1});
      default:
        throw new DecodeError(`invalid wire type ${this.wireType}`, {offset: this.position - 1});
    }
  }

  private skipFixed(size: number): void {
    if (this.position + size > this.end) throw new DecodeError('truncated field', {offset: this.position});
    this.position += size;
  }

  private skipGroup(group: number, depth: number): void {
    const at = this.position;
    if (depth >= maxGroupDepth) throw new DecodeError('groups nested too deep', {offset: at});
    while (this.next()) {
      if (this.wireType === WireType.endGroup && this.field === group) return;
      this.skip(depth + 1);
    }
    throw new DecodeError(`group ${group} has no end`, {offset: at});
  }

  private cut(start: number, end: number): string {
    if (this.latin1 === undefined) {
      if (this.bytes.length > largeBufferBytes && this.cuts < maxSingleCuts) {
        this.cuts += 1;
        return this.bytes.toString('latin1', start, end);
      }
      this.latin1 = this.bytes.toString('latin1');
    }
    return this.latin1.substring(start, end);
  }

  private utf8(start: number, end: number, name: string): string {
    if (!isUtf8(this.bytes.subarray(start, end))) {
      const bad = firstInvalidUtf8(this.bytes, start, end);
      throw new DecodeError(`${name} contains invalid UTF-8`, {offset: bad});
    }
    return this.bytes.toString('utf8', start, end);
  }
}

/** Calls `read` with the reader limited to the current field. */
export function readNestedMessage<T>(reader: ProtobufReader, read: () => T): T {
  const outerEnd = reader.end;
  reader.end = reader.lengthDelimited();
  const result = read();
  reader.end = outerEnd;
  return result;
}

/** Returns the offset of the first invalid UTF-8 byte; `end` if there is none. */
export function firstInvalidUtf8(bytes: Uint8Array, start: number, end: number): number {
  for (let index = start; index < end; ) {
    const lead = bytes[index] as number;
    const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (index + size > end || !isUtf8(bytes.subarray(index, index + size))) return index;
    index += size;
  }
  return end;
}
