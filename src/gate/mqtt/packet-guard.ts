import {broken, checkFirstByte} from './check-header.js';
import {rules} from './packet-rules.js';
import {ProtocolError, reason} from './protocol-error.js';
import type {ProtocolVersion} from './protocol-version.js';

/**
 * Reads nothing but fixed headers, in front of the parser: a packet that announces more than is allowed is refused
 * before one byte of it is kept. (mqtt-packet itself would buffer 256 MB.)
 */
export class PacketGuard {
  /** Of the client; undefined before its CONNECT. */
  protected version: ProtocolVersion | undefined;
  /** Bytes of the packet at hand that are still to come. */
  private body = 0;
  private headerBytes = 0;
  private length = 0;

  constructor(readonly maxPacketBytes: number) {}

  /** Whether a packet has begun and is not whole yet. */
  get isWithin(): boolean {
    return this.body > 0 || this.headerBytes > 0;
  }

  /** How many bytes from there on belong to the packet at hand. Throws ProtocolError. */
  take(chunk: Uint8Array, from: number): number {
    let at = from;
    while (this.body === 0 && at < chunk.length) {
      const isWhole = this.header(chunk[at] as number);
      at += 1;
      if (isWhole && this.body === 0) return at - from; // a packet of a header alone
    }
    const taken = Math.min(this.body, chunk.length - at);
    this.body -= taken;
    return at + taken - from;
  }

  /** Whether it was the last byte of a header. */
  private header(byte: number): boolean {
    this.headerBytes += 1;
    if (this.headerBytes === 1) {
      checkFirstByte(byte, this.version);
      return false;
    }
    this.length += (byte & 0x7f) * 128 ** (this.headerBytes - 2);
    if (this.length > this.maxPacketBytes) {
      throw new ProtocolError(
        `a packet of ${this.length} bytes or more, ${this.maxPacketBytes} allowed`,
        reason.packetTooLarge,
      );
    }
    if (byte >= 0x80) {
      if (this.headerBytes === 5) throw broken(rules.longLength, 'a packet', this.version);
      return false;
    }
    this.body = this.length;
    this.headerBytes = 0;
    this.length = 0;
    return true;
  }
}
