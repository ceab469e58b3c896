import {type IConnectPacket, parser as makeParser, type Packet, type Parser} from 'mqtt-packet';
import {MqttProtocolError, mqttReasonCodes} from './mqtt-protocol-error.js';
import type {ProtocolVersion} from './protocol-version.js';
import {checkPacket} from './rules/check-packet.js';

/** Values in CONNECT that determine how later packets are parsed. */
export interface PacketParseOptions {
  readonly protocolVersion?: ProtocolVersion | undefined;
  readonly bridgeMode?: boolean | undefined;
}

export const parseOptionsBeforeConnect: PacketParseOptions = {};

const versions: readonly ProtocolVersion[] = [3, 4, 5];
const allParseOptions: readonly PacketParseOptions[] = versions.flatMap((protocolVersion) => [
  {protocolVersion, bridgeMode: false},
  {protocolVersion, bridgeMode: true},
]);

/** Returns the parseOptions of a client. Equal allParseOptions share one object. */
export function packetParseOptionsOf(packet: IConnectPacket & PacketParseOptions): PacketParseOptions {
  const {protocolVersion, bridgeMode = false} = packet;
  const same = allParseOptions.find(
    (one) => one.protocolVersion === protocolVersion && one.bridgeMode === bridgeMode,
  );
  return same ?? parseOptionsBeforeConnect;
}

/** Internals of the parser: it reads `settings`, and replaces them at each CONNECT. */
type SettledParser = Parser & {settings: PacketParseOptions};

/** Parses only complete packets, so it has no state between them. */
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

  parse(bytes: Uint8Array, parseOptions: PacketParseOptions): Packet {
    this.parser.settings = parseOptions;
    const left = this.parser.parse(bytes as Buffer);
    this.parser.settings = parseOptionsBeforeConnect; // drops the CONNECT, which contains a password
    const {packet, failure} = this;
    this.packet = undefined;
    if (failure !== undefined) throw new MqttProtocolError(failure.message, mqttReasonCodes.malformedPacket);
    if (left === 0 && packet !== undefined) return packet;
    throw new MqttProtocolError('unparsable packet', mqttReasonCodes.malformedPacket);
  }
}

/** Shared by all connections; replaced after an error. */
let shared: PacketParser | undefined;

/**
 * Checks and parses one packet, whose first byte must have been checked. The result refers to the bytes without
 * copying them. Rules are checked before parsing, because the parser accepts many invalid packets. Throws
 * MqttProtocolError.
 */
export function parsePacket(bytes: Uint8Array, parseOptions: PacketParseOptions): Packet {
  checkPacket(bytes, parseOptions.protocolVersion);
  const parser = shared ?? new PacketParser();
  shared = undefined;
  const packet = parser.parse(bytes, parseOptions);
  shared = parser;
  return packet;
}
