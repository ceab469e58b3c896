import {UsageError} from '../../base/errors.js';
import {WireType} from './protobuf-reader.js';

/** Returns the encoded size of a varint, in bytes. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

/**
 * Writes protobuf wire format to a growing buffer. Throws UsageError, with the field's name, for a lone surrogate: a
 * Go gate would store the resulting bytes but could never send them.
 */
export class ProtobufWriter {
  private bytes: Buffer;
  position = 0;

  constructor(size = 1024) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  /** Discards the content but keeps the memory. */
  reset(): this {
    this.position = 0;
    return this;
  }

  /** Returns a copy of the content. */
  finish(): Buffer {
    const copy = Buffer.allocUnsafe(this.position);
    this.bytes.copy(copy, 0, 0, this.position);
    return copy;
  }

  /** Returns a view of the content. It is valid until the next `reset`. */
  lend(): Buffer {
    return this.bytes.subarray(0, this.position);
  }

  varint(value: number): this {
    this.reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.position++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.position++] = rest;
    return this;
  }

  tag(field: number, wireType: number): this {
    return this.varint(field * 8 + wireType);
  }

  /** Writes a number field; omits 0, as proto3 does. */
  number(field: number, value: number): this {
    return value === 0 ? this : this.tag(field, WireType.varint).varint(value);
  }

  /** Writes a string field; omits an empty string, as proto3 does. */
  string(field: number, text: string, name: string): this {
    return text === '' ? this : this.element(field, text, name);
  }

  /** Writes a string field even if the string is empty, for repeated fields and map entries. */
  element(field: number, text: string, name: string): this {
    if (field < 16 && text.length < 0x80) {
      this.reserve(text.length + 2);
      const end = this.shortAscii(text, this.position, field);
      if (end > 0) {
        this.position = end;
        return this;
      }
    }
    const size = utf8Size(text, name);
    this.tag(field, WireType.bytes).varint(size);
    this.text(text, size);
    return this;
  }

  bytesField(field: number, value: Uint8Array): this {
    return this.tag(field, WireType.bytes).varint(value.length).raw(value);
  }

  raw(value: Uint8Array): this {
    this.reserve(value.length);
    this.bytes.set(value, this.position);
    this.position += value.length;
    return this;
  }

  /** Writes one entry of a `map<string, string>`. */
  mapEntry(field: number, key: string, value: string, name: string): this {
    const length = 4 + key.length + value.length;
    if (field < 16 && length < 0x80) {
      const at = this.position;
      this.reserve(length + 2);
      const keyEnd = this.shortAscii(key, at + 2, 1);
      const end = keyEnd > 0 ? this.shortAscii(value, keyEnd, 2) : 0;
      if (end > 0) {
        this.bytes[at] = field * 8 + WireType.bytes;
        this.bytes[at + 1] = length;
        this.position = end;
        return this;
      }
    }
    return this.longMapEntry(field, key, value, name);
  }

  private longMapEntry(field: number, key: string, value: string, name: string): this {
    const keySize = utf8Size(key, `a key of ${name}`);
    const valueSize = utf8Size(value, `${name} "${key}"`);
    const size = 2 + varintSize(keySize) + keySize + varintSize(valueSize) + valueSize;
    this.tag(field, WireType.bytes).varint(size);
    this.tag(1, WireType.bytes).varint(keySize).text(key, keySize);
    return this.tag(2, WireType.bytes).varint(valueSize).text(value, valueSize);
  }

  /** Writes a field of up to 127 ASCII characters in one pass. Returns its end offset; 0 for any other string. */
  private shortAscii(text: string, at: number, field: number): number {
    const {bytes} = this;
    const {length} = text;
    bytes[at] = field * 8 + WireType.bytes;
    bytes[at + 1] = length;
    const start = at + 2;
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return 0;
      bytes[start + index] = code;
    }
    return start + length;
  }

  private text(text: string, size: number): this {
    this.reserve(size);
    if (size !== text.length || size > 64) {
      this.bytes.write(text, this.position, size);
    } else {
      for (let index = 0; index < size; index += 1)
        this.bytes[this.position + index] = text.charCodeAt(index);
    }
    this.position += size;
    return this;
  }

  private reserve(size: number): void {
    if (this.position + size <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.position + size));
    this.bytes.copy(grown, 0, 0, this.position);
    this.bytes = grown;
  }
}

/** Returns the size of a string in UTF-8, in bytes. Throws UsageError for a lone surrogate. */
function utf8Size(text: string, name: string): number {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) >= 0x80) return wellFormedSize(text, name);
  }
  return text.length;
}

function wellFormedSize(text: string, name: string): number {
  if (!text.isWellFormed()) {
    throw new UsageError(`${name} contains a lone surrogate, which is not valid UTF-8`, {
      hint: 'remove the invalid character; a gate could store it, but not send it afterwards',
    });
  }
  return Buffer.byteLength(text);
}
