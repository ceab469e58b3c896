import {isUtf8} from 'node:buffer';
import {type MqttRule, mqttRules} from './packet-rules.js';

const plus = 0x2b;
const hash = 0x23;

/** Reads the fields of a packet in order. A field that extends beyond the packet breaks a rule. */
export abstract class PacketFieldReader {
  protected at = 0;
  /** Offset after the last byte that may be read. */
  protected end: number;
  /** True if the last string contained `+` or `#`. */
  protected hasWildcard = false;

  constructor(protected readonly bytes: Uint8Array) {
    this.end = bytes.length;
  }

  protected abstract fail(rule: MqttRule): never;

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

  /** Reads a variable byte integer of at most four bytes, which must have its shortest form. */
  protected varint(): number {
    let value = 0;
    for (let place = 0; place < 4; place += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * 128 ** place;
      if (byte >= 0x80) continue;
      return byte === 0 && place > 0 ? this.fail(mqttRules.paddedLength) : value;
    }
    return this.fail(mqttRules.longLength);
  }

  protected binary(): void {
    this.skip(this.twoBytes());
  }

  /** Reads a UTF-8 string without NUL. Returns its length in bytes. */
  protected text(): number {
    const length = this.twoBytes();
    const from = this.skip(length);
    let isAscii = true;
    this.hasWildcard = false;
    for (let at = from; at < this.at; at += 1) {
      const byte = this.bytes[at] as number;
      if (byte === 0) this.fail(mqttRules.nul);
      if (byte >= 0x80) isAscii = false;
      else if (byte === plus || byte === hash) this.hasWildcard = true;
    }
    if (!isAscii && !isUtf8(this.bytes.subarray(from, this.at))) this.fail(mqttRules.notUtf8);
    return length;
  }

  /** Skips bytes. Returns the offset of the first one. */
  protected skip(count: number): number {
    const from = this.at;
    if (from + count > this.end) this.fail(mqttRules.truncated);
    this.at = from + count;
    return from;
  }

  /** Returns true if the bytes are this ASCII string. */
  protected spells(from: number, to: number, text: string): boolean {
    if (to - from !== text.length) return false;
    for (let at = from; at < to; at += 1) if (this.bytes[at] !== text.charCodeAt(at - from)) return false;
    return true;
  }

  /** Decodes bytes as Latin-1. Only the ASCII characters in the result are correct. */
  protected latin1(from: number, to: number): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, to - from).toString('latin1');
  }
}
