import {generate, parser as makeParser, type Packet, type Parser} from 'mqtt-packet';
import {PacketGuard, ProtocolError, reason} from './packet-guard.js';

export type {IConnectPacket, IPublishPacket, ISubscribePacket, IUnsubscribePacket, Packet} from 'mqtt-packet';

/** 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5. */
export type ProtocolVersion = 3 | 4 | 5;

/** Bytes of one client in, packets out. Throws ProtocolError for what is not MQTT. */
export class PacketReader {
  private readonly guard: PacketGuard;
  private readonly settings: {protocolVersion?: ProtocolVersion} = {};
  private readonly parser: Parser;
  private failure: Error | undefined;

  constructor(maxPacketBytes: number, onPacket: (packet: Packet) => void) {
    this.guard = new PacketGuard(maxPacketBytes);
    this.parser = makeParser(this.settings);
    this.parser.on('packet', onPacket);
    this.parser.on('error', (error: Error) => {
      this.failure = error;
    });
  }

  /** What CONNECT has agreed on: from then on packets have the shape of that version. */
  set version(version: ProtocolVersion) {
    this.settings.protocolVersion = version;
  }

  /** Packet by packet: the parser would read one that is too short on into the packet behind it. */
  read(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const end = at + this.guard.take(bytes, at);
      this.parser.parse(bytes.subarray(at, end) as Buffer);
      if (this.failure !== undefined) throw new ProtocolError(this.failure.message, reasonOf(this.failure));
      at = end;
    }
  }
}

/** The parser knows its errors by their texts alone. */
function reasonOf({message}: Error): number {
  return /protocol ?(version|id)/i.test(message) ? reason.unsupportedVersion : reason.malformedPacket;
}

export function encodePacket(packet: Packet, version: ProtocolVersion): Buffer {
  return generate(packet, {protocolVersion: version});
}

/** A push: QoS 0, to everyone whatever he subscribed to, as in mqant (mqtt_client_server.go). */
export function encodePush(topic: string, body: Uint8Array, version: ProtocolVersion): Buffer {
  const payload = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return encodePacket({cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false}, version);
}
