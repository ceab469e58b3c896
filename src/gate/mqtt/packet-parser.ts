import {parser as makeParser, type Packet, type Parser} from 'mqtt-packet';
import {ProtocolError, reason} from './packet-guard.js';

/** 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5. */
export type ProtocolVersion = 3 | 4 | 5;

/** What CONNECT says of the packets that follow it. */
export interface WireDialect {
  readonly protocolVersion?: number | undefined;
  readonly bridgeMode?: boolean | undefined;
}

export const beforeConnect: WireDialect = {};

const dialects: readonly WireDialect[] = [3, 4, 5].flatMap((protocolVersion) => [
  {protocolVersion, bridgeMode: false},
  {protocolVersion, bridgeMode: true},
]);

/** The dialect that a client speaks from its CONNECT on: one object for all of them. */
export function dialectOf({protocolVersion, bridgeMode = false}: WireDialect): WireDialect {
  const same = dialects.find(
    (one) => one.protocolVersion === protocolVersion && one.bridgeMode === bridgeMode,
  );
  return same ?? beforeConnect;
}

/** The parser as it is: it looks up here what it was told, and puts each CONNECT in its place. */
type SettledParser = Parser & {settings: WireDialect};

/** A parser that is given whole packets alone, and so keeps nothing from one to the next. */
class PacketParser {
  private readonly parser = makeParser({}) as SettledParser;
  private packet: Packet | undefined;
  private failure: Error | undefined;

  constructor() {
    this.parser.on('packet', (packet) => {
      this.packet = packet;
    });
    this.parser.on('error', (error: Error) => {
      this.failure = error;
    });
  }

  parse(bytes: Uint8Array, dialect: WireDialect): Packet {
    this.parser.settings = dialect;
    const left = this.parser.parse(bytes as Buffer);
    this.parser.settings = beforeConnect; // a CONNECT has a password in it
    const {packet, failure} = this;
    this.packet = undefined;
    if (failure !== undefined) throw new ProtocolError(failure.message, reasonOf(failure));
    if (left === 0 && packet !== undefined) return packet;
    throw new ProtocolError('not understood', reason.malformedPacket);
  }
}

/** One for all connections; one that has failed is not used again. */
let shared: PacketParser | undefined;

/** Parses the bytes of one packet, of which the packet keeps views. Throws ProtocolError. */
export function parsePacket(bytes: Uint8Array, dialect: WireDialect): Packet {
  const parser = shared ?? new PacketParser();
  shared = undefined;
  const packet = parser.parse(bytes, dialect);
  shared = parser;
  return packet;
}

/** The parser knows its errors by their texts alone. */
function reasonOf({message}: Error): number {
  return /protocol ?(version|id)/i.test(message) ? reason.unsupportedVersion : reason.malformedPacket;
}
