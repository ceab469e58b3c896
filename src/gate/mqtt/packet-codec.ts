import {generate, type Packet, writeToStream} from 'mqtt-packet';
import {
  type PacketParseOptions,
  packetParseOptionsOf,
  parseOptionsBeforeConnect,
  parsePacket,
} from './packet-parser.js';
import {PacketSizeGuard} from './packet-size-guard.js';
import type {ProtocolVersion} from './protocol-version.js';

export type {IConnackPacket, IConnectPacket, IDisconnectPacket, Packet} from 'mqtt-packet';
export type {ProtocolVersion} from './protocol-version.js';

// by default, the package encodes all numbers up to 65,535 in advance before its first write, which takes 6 MB
writeToStream.cacheNumbers = false;

/** Initial size of the buffer for a packet that arrives in pieces. */
const pieceBytes = 32;

/** Receives the packets of a client. `onPacket` may throw. */
export interface PacketSink {
  onPacket(packet: Packet): void;
}

/** Splits a client's bytes into packets. Throws MqttProtocolError for invalid MQTT. */
export class PacketReader extends PacketSizeGuard {
  private parseOptions: PacketParseOptions = parseOptionsBeforeConnect;
  /** Bytes of an incomplete packet. The buffer grows as more arrive. */
  private held: Buffer | undefined;
  private filled = 0;

  constructor(
    maxPacketBytes: number,
    private readonly sink: PacketSink,
  ) {
    super(maxPacketBytes);
  }

  /**
   * Reads bytes. Passes packets to the parser one at a time, because it would continue reading a truncated packet
   * into the next one.
   */
  read(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const end = at + this.take(bytes, at);
      const piece = bytes.subarray(at, end);
      at = end;
      if (this.isWithin) this.keep(piece);
      else this.onWhole(this.held === undefined ? piece : this.completed(piece));
    }
  }

  private onWhole(bytes: Uint8Array): void {
    const packet = parsePacket(bytes, this.parseOptions);
    if (packet.cmd === 'connect') {
      this.parseOptions = packetParseOptionsOf(packet);
      this.version = this.parseOptions.protocolVersion;
    }
    this.sink.onPacket(packet);
  }

  private completed(piece: Uint8Array): Buffer {
    const whole = this.keep(piece);
    this.held = undefined;
    this.filled = 0;
    return whole;
  }

  /**
   * Appends a piece to the incomplete packet. The buffer doubles in size, so that many small pieces are not copied
   * each time.
   */
  private keep(piece: Uint8Array): Buffer {
    const size = this.filled + piece.length;
    if (this.held === undefined || size > this.held.length) {
      const doubled = Math.min((this.held?.length ?? pieceBytes) * 2, this.maxPacketBytes);
      const grown = Buffer.allocUnsafeSlow(Math.max(size, doubled));
      this.held?.copy(grown, 0, 0, this.filled);
      this.held = grown;
    }
    this.held.set(piece, this.filled);
    this.filled = size;
    return this.held.subarray(0, size);
  }
}

/**
 * Encodes a packet. Frequent replies of versions before MQTT 5 are encoded without the package, which is slow in a
 * new process. "Session present" is never set, because no session outlives its connection.
 */
export function encodePacket(packet: Packet, version: ProtocolVersion): Buffer {
  if (version !== 5 && packet.cmd === 'connack') return Buffer.of(0x20, 2, 0, packet.returnCode ?? 0);
  if (version !== 5 && packet.cmd === 'suback' && packet.granted.length < 126) {
    const {messageId = 0, granted} = packet;
    return Buffer.of(0x90, 2 + granted.length, messageId >>> 8, messageId & 0xff, ...(granted as number[]));
  }
  return generate(packet, {protocolVersion: version});
}

/** Fields of a push other than topic and body. */
export interface PushFields {
  /** Set for QoS 1. */
  readonly packetId?: number | undefined;
  /** For MQTT 5 only; not sent to clients of older versions. */
  readonly correlationData?: Uint8Array | undefined;
}

const noFields: PushFields = {};
const correlationDataId = 0x09;

/**
 * Encodes a push. As in mqant (mqtt_client_server.go), a push goes to any client, whatever it has subscribed to.
 * Encoded without the package, which would take longer than the rest of a delivery. The topic must have been checked.
 */
export function encodePush(
  topic: string,
  body: Uint8Array,
  version: ProtocolVersion,
  {packetId, correlationData}: PushFields = noFields,
): Buffer {
  const topicBytes = Buffer.byteLength(topic);
  const properties = version !== 5 ? -1 : correlationData === undefined ? 0 : 3 + correlationData.length;
  const propertiesBytes = properties < 0 ? 0 : varintBytes(properties) + properties;
  const length = 2 + topicBytes + (packetId === undefined ? 0 : 2) + propertiesBytes + body.length;
  const packet = Buffer.allocUnsafe(1 + varintBytes(length) + length);
  let at = packet.writeUInt8(packetId === undefined ? 0x30 : 0x32, 0);
  at = writeVarint(packet, length, at);
  at = packet.writeUInt16BE(topicBytes, at);
  at += packet.write(topic, at);
  if (packetId !== undefined) at = packet.writeUInt16BE(packetId, at);
  if (properties >= 0) at = writeVarint(packet, properties, at);
  if (properties > 0 && correlationData !== undefined) {
    at = packet.writeUInt8(correlationDataId, at);
    at = packet.writeUInt16BE(correlationData.length, at);
    packet.set(correlationData, at);
    at += correlationData.length;
  }
  packet.set(body, at);
  return packet;
}

/** Returns the length of a variable byte integer [MQTT5 1.5.5]. */
const varintBytes = (value: number): number =>
  value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;

function writeVarint(packet: Buffer, value: number, from: number): number {
  let at = from;
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) at = packet.writeUInt8((left % 128) | 0x80, at);
  return packet.writeUInt8(left, at);
}
