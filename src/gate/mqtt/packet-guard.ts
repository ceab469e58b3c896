/** What a client sent is not MQTT, or more than it may send: closes its connection, never the gate. */
export class ProtocolError extends Error {
  /** MQTT 5 reason code for the DISCONNECT. */
  readonly reasonCode: number;

  constructor(message: string, reasonCode: number = reason.protocolError) {
    super(message);
    this.name = 'ProtocolError';
    this.reasonCode = reasonCode;
  }
}

/** MQTT 5 reason codes that we use [MQTT5 2.4]. */
export const reason = {
  malformedPacket: 0x81,
  protocolError: 0x82,
  unsupportedVersion: 0x84,
  clientIdNotValid: 0x85,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverShuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  receiveMaximumExceeded: 0x93,
  packetTooLarge: 0x95,
  messageRateTooHigh: 0x96,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
} as const;

/**
 * Reads nothing but fixed headers, in front of the parser: a packet that announces more than is allowed is refused
 * before one byte of it is kept. (mqtt-packet itself would buffer 256 MB.)
 */
export class PacketGuard {
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
      checkFirstByte(byte);
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
      if (this.headerBytes === 5)
        throw new ProtocolError('a remaining length of five bytes', reason.malformedPacket);
      return false;
    }
    this.body = this.length;
    this.headerBytes = 0;
    this.length = 0;
    return true;
  }
}

const publish = 3;
/** PUBREL, SUBSCRIBE, UNSUBSCRIBE. */
const flaggedTypes = new Set([6, 8, 10]);

/** Type and flags [MQTT-2.2.2-2]: known to be wrong before the rest of the packet has come. */
function checkFirstByte(byte: number): void {
  const type = byte >>> 4;
  const flags = byte & 0x0f;
  const isSound = type === publish ? (flags & 6) !== 6 : flags === (flaggedTypes.has(type) ? 2 : 0);
  if (!isSound)
    throw new ProtocolError(`a packet that begins with 0x${byte.toString(16)}`, reason.malformedPacket);
}
