import {isUtf8} from 'node:buffer';
import {type Rule, rules} from './packet-rules.js';

const plus = 0x2b;
const hash = 0x23;

/** Reads the fields of one packet in order. A field that exceeds the packet breaks a rule. */
export abstract class PacketBytes {
  protected at = 0;
  /** Offset after the last readable byte. */
  protected end: number;
  /** Whether the last text contained `+` or `#`. */
  protected hasWildcard = false;

  constructor(protected readonly bytes: Uint8Array) {
    this.end = bytes.length;
  }

  protected abstract fail(rule: Rule): never;

  protected byte(): number {
    return this.bytes[this.skip(1)] as number;
  }

  protected twoBytes(): number {
    const from = this.skip(2);
    return ((this.bytes[from] as number) << 8) | (this.bytes[from + 1] as number);
  }

  protected fourBytes(): number {
    return this.twoBytes() * 65_536 + this.twoBytes();
  }

  /** Reads a variable byte integer of at most four bytes, in its shortest form. */
  protected varint(): number {
    let value = 0;
    for (let place = 0; place < 4; place += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * 128 ** place;
      if (byte >= 0x80) continue;
      return byte === 0 && place > 0 ? this.fail(rules.paddedLength) : value;
    }
    return this.fail(rules.longLength);
  }

  protected binary(): void {
    this.skip(this.twoBytes());
  }

  /** Reads a UTF-8 text without NUL and returns its length in bytes. */
  protected text(): number {
    const length = this.twoBytes();
    const from = this.skip(length);
    let isAscii = true;
    this.hasWildcard = false;
    for (let at = from; at < this.at; at += 1) {
      const byte = this.bytes[at] as number;
      if (byte === 0) this.fail(rules.nul);
      if (byte >= 0x80) isAscii = false;
      else if (byte === plus || byte === hash) this.hasWildcard = true;
    }
    if (!isAscii && !isUtf8(this.bytes.subarray(from, this.at))) this.fail(rules.notUtf8);
    return length;
  }

  /** Skips bytes and returns the offset of the first. */
  protected skip(count: number): number {
    const from = this.at;
    if (from + count > this.end) this.fail(rules.truncated);
    this.at = from + count;
    return from;
  }

  /** Returns whether the bytes are this ASCII text. */
  protected spells(from: number, to: number, text: string): boolean {
    if (to - from !== text.length) return false;
    for (let at = from; at < to; at += 1) if (this.bytes[at] !== text.charCodeAt(at - from)) return false;
    return true;
  }

  /** Decodes a text as Latin-1, which is correct for its ASCII characters. */
  protected latin1(from: number, to: number): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, to - from).toString('latin1');
  }
}
