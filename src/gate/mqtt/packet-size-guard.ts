import {MqttProtocolError, mqttReasonCodes} from './mqtt-protocol-error.js';
import type {ProtocolVersion} from './protocol-version.js';
import {brokenRuleError, checkFirstByte} from './rules/check-first-byte.js';
import {mqttRules} from './rules/packet-rules.js';

/**
 * Reads fixed headers before the parser does, so that a packet above the maximum size is rejected before any of it is
 * buffered. mqtt-packet alone would buffer 256 MB.
 */
export class PacketSizeGuard {
  /** The client's version; undefined before CONNECT. */
  protected version: ProtocolVersion | undefined;
  /** Number of bytes of the current packet that have not arrived yet. */
  private body = 0;
  private headerBytes = 0;
  private length = 0;

  /** `maxPacketBytes` is the limit of a packet with its fixed header [MQTT5 2.1.4]. */
  constructor(readonly maxPacketBytes: number) {}

  /** True if a packet has started and is incomplete. */
  get isWithin(): boolean {
    return this.body > 0 || this.headerBytes > 0;
  }

  /** Returns how many bytes, from `from` on, belong to the current packet. Throws MqttProtocolError. */
  take(chunk: Uint8Array, from: number): number {
    let at = from;
    while (this.body === 0 && at < chunk.length) {
      const isWhole = this.header(chunk[at] as number);
      at += 1;
      if (isWhole && this.body === 0) return at - from; // a packet without a body
    }
    const taken = Math.min(this.body, chunk.length - at);
    this.body -= taken;
    return at + taken - from;
  }

  /** Reads a byte of the fixed header. Returns true if it completes the header. */
  private header(byte: number): boolean {
    this.headerBytes += 1;
    if (this.headerBytes === 1) {
      checkFirstByte(byte, this.version);
      return false;
    }
    this.length += (byte & 0x7f) * 128 ** (this.headerBytes - 2);
    const bytes = this.headerBytes + this.length;
    if (bytes > this.maxPacketBytes) {
      throw new MqttProtocolError(
        `a packet of at least ${bytes} bytes, ${this.maxPacketBytes} allowed`,
        mqttReasonCodes.packetTooLarge,
      );
    }
    if (byte >= 0x80) {
      if (this.headerBytes === 5) throw brokenRuleError(mqttRules.longLength, 'a packet', this.version);
      return false;
    }
    this.body = this.length;
    this.headerBytes = 0;
    this.length = 0;
    return true;
  }
}
