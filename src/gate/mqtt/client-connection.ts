import type {ClientLink, LinkEvents} from '../listen/link.js';
import type {ConnectingClient, GateLimits} from '../node/gate-options.js';
import type {LiveSession, SessionConnection} from '../sessions/live-session.js';
import {
  encodePacket,
  type IConnectPacket,
  type Packet,
  PacketReader,
  type PacketSink,
  type ProtocolVersion,
} from './codec.js';
import {
  acceptance,
  type ConnectRequest,
  faultAnswer,
  judgeConnect,
  type Refusal,
  refusal,
  versionOf,
} from './connect-rules.js';
import {handlePacket, type PacketPort} from './packet-handlers.js';
import {ProtocolError, reason} from './protocol-error.js';
import {RateLimit} from './rate-limit.js';

/** What a connection asks of its gate. */
export interface ConnectionHost {
  readonly limits: GateLimits;
  now(): number;
  authenticate(client: ConnectingClient): boolean | Promise<boolean>;
  /** Makes the session and knows it from now on; undefined when there is room for no more. */
  admit(connection: ClientConnection, client: ConnectingClient): LiveSession | undefined;
  admitted(live: LiveSession): void;
  message(live: LiveSession, topic: string, body: Uint8Array): void;
  active(live: LiveSession): void;
  /**
   * Once for every connection; forgets its session, if there was one, before it returns. At fault is a client that
   * broke a rule or was refused; `why` has none of its bytes.
   */
  closed(connection: ClientConnection, live: LiveSession | undefined, why: string, atFault: boolean): void;
}

/** Packets that may wait while a client is authenticated. */
const maxEarlyPackets = 64;

/** Some dozens of messages come with one read, so a client is left with some thousands a second. */
const slowedMs = 10;

/**
 * What a ping may come later than one and a half keep-alives. Eclipse Paho in Go, with a keep-alive of at most 10 s, looks
 * every half of it whether a ping is due, so that one can go out at one and a half times to the millisecond.
 */
const keepAliveGraceMs = 500;

/** One client's connection: from the first byte to the last. Whatever comes in, only this connection can end by it. */
export class ClientConnection implements PacketPort, PacketSink, LinkEvents, SessionConnection {
  version: ProtocolVersion = 4;
  wantsExpiry = false;
  private held: Set<number> | undefined;
  /** Largest packet that the client takes. */
  maximumPacketBytes = Number.POSITIVE_INFINITY;
  private readonly reader: PacketReader;
  private readonly rate: RateLimit | undefined;
  private early: Packet[] | undefined;
  private live: LiveSession | undefined;
  private silence: NodeJS.Timeout | undefined;
  private isClosed = false;
  private isSlowed = false;

  constructor(
    private readonly link: ClientLink,
    private readonly host: ConnectionHost,
  ) {
    const {maxPacketBytes, connectTimeoutMs, messagesPerSecond} = host.limits;
    this.reader = new PacketReader(maxPacketBytes, this);
    this.rate = messagesPerSecond > 0 ? new RateLimit(messagesPerSecond, host.now()) : undefined;
    this.silence = setTimeout(() => setImmediate(() => this.onNoConnect()), connectTimeoutMs);
    link.listen(this);
  }

  /** Made when a client first uses QoS 2, which few do. */
  get unreleased(): Set<number> {
    this.held ??= new Set();
    return this.held;
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /** What is larger than the client takes is not sent [MQTT-3.1.2-24, -25]. */
  reply(packet: Packet): void {
    const bytes = encodePacket(packet, this.version);
    if (bytes.length <= this.maximumPacketBytes) this.write(bytes);
  }

  /** False when the client reads too slowly to take it: it is cut off, so that it holds up nobody else. */
  write(bytes: Uint8Array): boolean {
    if (this.isClosed) return false;
    if (this.link.queuedBytes + bytes.length > this.host.limits.queueBytes) {
      this.cut('it does not read what it is sent');
      return false;
    }
    this.link.write(bytes);
    return true;
  }

  message(topic: string, body: Uint8Array): void {
    if (this.live === undefined) return;
    if (this.rate?.take(this.host.now()) === false)
      throw new ProtocolError('more messages a second than are allowed', reason.messageRateTooHigh);
    this.host.message(this.live, topic, body);
  }

  leave(): void {
    this.finish('the client disconnected');
  }

  received(bytes: Uint8Array): void {
    if (this.isClosed) return;
    try {
      this.reader.read(bytes);
    } catch (error) {
      this.onFault(error);
    }
  }

  hungUp(): void {
    this.ended('the client hung up');
  }

  onPacket(packet: Packet): void {
    if (this.isClosed) return;
    if (this.live !== undefined) return this.onConnectedPacket(packet, this.live);
    if (this.early !== undefined) {
      if (this.early.push(packet) > maxEarlyPackets) throw new ProtocolError('too much before CONNACK');
      return;
    }
    if (packet.cmd === 'connect') this.onConnect(packet); // the reader lets nothing else come first
  }

  /** Reads nothing more for a moment: the client sends faster than it is served. */
  slowDown(): void {
    if (this.isSlowed || this.isClosed) return;
    this.isSlowed = true;
    this.link.pause();
    setTimeout(() => {
      this.isSlowed = false;
      this.link.resume();
    }, slowedMs).unref();
  }

  /** Tells a v5 client why, sends what waits, and closes. The session is gone when this returns. */
  close(why: string, reasonCode: number = reason.administrativeAction, atFault = false): void {
    if (this.isClosed) return;
    if (this.version === 5 && this.live !== undefined) this.reply({cmd: 'disconnect', reasonCode});
    this.finish(why, atFault);
  }

  private finish(why: string, atFault = false): void {
    this.ended(why, atFault);
    this.link.end();
  }

  private cut(why: string): void {
    this.ended(why, true);
    this.link.destroy();
  }

  private ended(why: string, atFault = false): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.silence);
    this.early = undefined;
    this.host.closed(this, this.live, why, atFault);
  }

  private onFault(error: unknown): void {
    const fault = error instanceof ProtocolError ? error : new ProtocolError('not understood');
    const {connackVersion} = fault;
    if (connackVersion === undefined) {
      this.close(fault.message, fault.reasonCode, true);
      if (this.live === undefined) this.link.destroy();
    } else {
      this.version = connackVersion;
      this.reply(faultAnswer(connackVersion, fault.reasonCode));
      this.finish(fault.message, true);
    }
  }

  private onConnectedPacket(packet: Packet, live: LiveSession): void {
    this.silence?.refresh();
    live.lastActiveAt = this.host.now();
    handlePacket(packet, this);
    if (!this.isClosed) this.host.active(live);
  }

  private onConnect(packet: IConnectPacket): void {
    this.early = [];
    this.version = versionOf(packet);
    const request = judgeConnect(packet);
    if (typeof request === 'string') return this.refuse(request);
    this.wantsExpiry = request.wantsExpiry;
    this.maximumPacketBytes = request.maximumPacketBytes ?? Number.POSITIVE_INFINITY;
    const {ip, network, userAgent, certificate} = this.link;
    const {clientId, username, password} = request;
    const client: ConnectingClient = {clientId, username, password, ip, network, userAgent, certificate};
    void this.decide(request, client);
  }

  private async decide(request: ConnectRequest, client: ConnectingClient): Promise<void> {
    const allowed = await judged(() => this.host.authenticate(client));
    if (this.isClosed) return;
    if (!allowed) return this.refuse('notAuthorized');
    const {maxPacketBytes, maxKeepAliveSeconds} = this.host.limits;
    const keepAlive = keptAlive(request.keepAlive, maxKeepAliveSeconds);
    const connack = acceptance({...request, keepAlive}, maxPacketBytes, keepAlive !== request.keepAlive);
    const bytes = encodePacket(connack, this.version);
    if (bytes.length > this.maximumPacketBytes) return this.finish('it cannot take a CONNACK', true); // [MQTT5 3.1.2.11.4]
    const live = this.host.admit(this, client);
    if (live === undefined) return this.refuse('serverUnavailable');
    this.write(bytes);
    this.live = live;
    this.watchSilence(keepAlive);
    this.host.admitted(live);
    const waiting = this.early ?? [];
    this.early = undefined;
    try {
      for (const packet of waiting) this.onPacket(packet);
    } catch (error) {
      this.onFault(error);
    }
  }

  private refuse(why: Refusal): void {
    this.reply(refusal(this.version, why));
    this.finish(`refused: ${why}`, true);
  }

  /** One and a half times the keep-alive [MQTT-3.1.2-24] and the grace; 0 leaves it to TCP to notice a client that is gone. */
  private watchSilence(keepAlive: number): void {
    clearTimeout(this.silence);
    this.silence = undefined;
    if (keepAlive === 0) return;
    this.silence = setTimeout(() => this.onSilence(), keepAlive * 1500 + keepAliveGraceMs);
  }

  /** A gate that was held up for as long has the pings of its clients yet to read: they come after its timers. */
  private onSilence(): void {
    const lastActiveAt = this.live?.lastActiveAt;
    setImmediate(() => {
      if (this.live?.lastActiveAt === lastActiveAt)
        this.close('keep-alive timeout', reason.keepAliveTimeout, true);
    });
  }

  private onNoConnect(): void {
    if (this.live === undefined) this.cut('no CONNECT in time');
  }
}

/** What a client asked for, in seconds, within the gate's limit; 0 is for ever. */
function keptAlive(asked: number, limit: number): number {
  return limit > 0 && (asked === 0 || asked > limit) ? limit : asked;
}

/** A hook that throws, or gives anything but true, has not said yes. */
async function judged(authenticate: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return (await authenticate()) === true;
  } catch {
    return false;
  }
}
