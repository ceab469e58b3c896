import {type IConnectPacket, parser as makeParser, type Packet, type Parser} from 'mqtt-packet';
import {checkPacket} from './check-packet.js';
import {ProtocolError, reason} from './protocol-error.js';
import type {ProtocolVersion} from './protocol-version.js';

/** What CONNECT says of the packets that follow it. */
export interface WireDialect {
  readonly protocolVersion?: ProtocolVersion | undefined;
  readonly bridgeMode?: boolean | undefined;
}

export const beforeConnect: WireDialect = {};

const versions: readonly ProtocolVersion[] = [3, 4, 5];
const dialects: readonly WireDialect[] = versions.flatMap((protocolVersion) => [
  {protocolVersion, bridgeMode: false},
  {protocolVersion, bridgeMode: true},
]);

/** The dialect that a client speaks from its CONNECT on: one object for all of them. */
export function dialectOf(packet: IConnectPacket & WireDialect): WireDialect {
  const {protocolVersion, bridgeMode = false} = packet;
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
    if (failure !== undefined) throw new ProtocolError(failure.message, reason.malformedPacket);
    if (left === 0 && packet !== undefined) return packet;
    throw new ProtocolError('not understood', reason.malformedPacket);
  }
}

/** One for all connections; one that has failed is not used again. */
let shared: PacketParser | undefined;

/**
 * Checks and parses the bytes of one packet, whose first byte was checked; the packet keeps views of them. The rules stand in
 * front of the parser, which passes over much of what breaks them. Throws ProtocolError.
 */
export function parsePacket(bytes: Uint8Array, dialect: WireDialect): Packet {
  checkPacket(bytes, dialect.protocolVersion);
  const parser = shared ?? new PacketParser();
  shared = undefined;
  const packet = parser.parse(bytes, dialect);
  shared = parser;
  return packet;
}
