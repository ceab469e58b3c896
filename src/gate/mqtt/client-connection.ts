import type {ConnectionState, ConnectionsQuery} from '../../session/connection-state.js';
import type {ConnectingClient} from '../admission/admission.js';
import type {ClientLink, ClientLinkEvents} from '../listen/client-link.js';
import type {LiveSession, SessionConnection} from '../sessions/live-session.js';
import type {ClientMessage} from './client-message.js';
import {
  acceptingConnack,
  type ConnectRefusal,
  type ConnectRequest,
  connackForFault,
  connectRefusalTexts,
  effectiveKeepAlive,
  evaluateConnect,
  mqttVersionOf,
  refusalForCloseReason,
  refusalOfAdmission,
  refusingConnack,
} from './connect-rules.js';
import type {ConnectionHost} from './connection-host.js';
import {MqttProtocolError, mqttReasonCodes} from './mqtt-protocol-error.js';
import {
  encodePacket,
  type IConnackPacket,
  type IConnectPacket,
  type IDisconnectPacket,
  type Packet,
  PacketReader,
  type PacketSink,
  type ProtocolVersion,
} from './packet-codec.js';
import {handlePacket, type PacketHandlerConnection} from './packet-handlers.js';
import {SilenceTimer, startExpiryTimer} from './silence-timer.js';
import {emptySubscriptions, type PushQos, Subscriptions} from './subscriptions.js';
import {TokenBucket} from './token-bucket.js';
import {UnsentPackets} from './unsent-packets.js';

/** Maximum number of packets that queue while a client is being authenticated. */
const maxEarlyPackets = 64;

/**
 * How long reading pauses for a client that sends too fast. One read contains dozens of messages, so the client can
 * still send thousands per second.
 */
const slowedMs = 10;

/** A client's connection, from its first byte to its last. Invalid input closes only this connection. */
export class ClientConnection
  implements PacketHandlerConnection, PacketSink, ClientLinkEvents, SessionConnection
{
  version: ProtocolVersion = 4;
  wantsExpiry = false;
  private held: Set<number> | undefined;
  /** Maximum size of a packet that the client accepts, in bytes. */
  maximumPacketBytes = Number.POSITIVE_INFINITY;
  receiveMaximum = Number.POSITIVE_INFINITY;
  private filters: Subscriptions | undefined;
  private readonly reader: PacketReader;
  private readonly rate: TokenBucket | undefined;
  private early: Packet[] | undefined;
  private live: LiveSession | undefined;
  /** Pushes to an admitted client, until it gets the CONNACK, which must be the first packet [MQTT-3.2.0-1]. */
  private pushesBeforeConnack: Uint8Array[] | undefined;
  private heldBytes = 0;
  /** Set once CONNACK is sent [MQTT-3.1.2-8]. */
  private will: ClientMessage | undefined;
  private allowsReasonStrings = true;
  private readonly silence: SilenceTimer;
  private readonly queue = new UnsentPackets();
  private expiryTimer: NodeJS.Timeout | undefined;
  private isClosed = false;
  private isSlowed = false;

  constructor(
    private readonly link: ClientLink,
    private readonly host: ConnectionHost,
  ) {
    const {maxPacketBytes, connectTimeoutMs, messagesPerSecond} = host.limits;
    this.reader = new PacketReader(maxPacketBytes, this);
    this.rate = messagesPerSecond > 0 ? new TokenBucket(messagesPerSecond, host.now()) : undefined;
    this.silence = new SilenceTimer(connectTimeoutMs, () => this.onNoConnect());
    link.listen(this);
  }

  /** Created when the client first uses QoS 2, which is rare. */
  get unreleased(): Set<number> {
    this.held ??= new Set();
    return this.held;
  }

  /** Created with the client's first SUBSCRIBE or UNSUBSCRIBE. */
  get subscriptions(): Subscriptions {
    this.filters ??= new Subscriptions();
    return this.filters;
  }

  pushQos(topic: string): PushQos {
    return this.filters?.qosOf(topic) ?? 1;
  }

  get waitingBytes(): number {
    return this.link.queuedBytes;
  }

  state(query: Pick<ConnectionsQuery, 'topic' | 'subscriptions'>, roomBytes: number): ConnectionState {
    return {
      ...this.queue.state(this.link.queuedBytes),
      ...this.silence.state(this.live?.lastActiveAt ?? 0),
      ...(this.filters ?? emptySubscriptions).state(query, roomBytes),
    };
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /** Sends a packet, unless it is larger than the client accepts [MQTT5 3.1.2-24, -25]. */
  reply(packet: Packet): void {
    const bytes = encodePacket(packet, this.version);
    if (bytes.length <= this.maximumPacketBytes) this.write(bytes);
  }

  /**
   * Sends a packet with a reason string, unless the client does not want reason strings or the packet would become
   * too large [MQTT5 3.1.2-29, 3.2.2-19, 3.14.2-3].
   */
  private replyWithReason(packet: IConnackPacket | IDisconnectPacket, reasonString: string): void {
    if (this.version !== 5 || !this.allowsReasonStrings) return this.reply(packet);
    const explained = {...packet, properties: {...packet.properties, reasonString}};
    const fits = encodePacket(explained, this.version).length <= this.maximumPacketBytes;
    this.reply(fits ? explained : packet);
  }

  /**
   * Queues bytes for the client. If it reads too slowly, closes the connection, so that its queue does not grow, and
   * returns false.
   */
  write(bytes: Uint8Array): boolean {
    if (this.isClosed) return false;
    const {link, host, pushesBeforeConnack} = this;
    const waiting = link.queuedBytes + this.heldBytes;
    if (waiting + bytes.length > host.limits.queueBytes) {
      this.cut('the client reads too slowly');
      return false;
    }
    if (pushesBeforeConnack !== undefined) {
      this.heldBytes += bytes.length;
      return pushesBeforeConnack.push(bytes) > 0;
    }
    link.write(bytes);
    this.queue.add(waiting, link.queuedBytes, host.now());
    return true;
  }

  message(message: ClientMessage): void {
    if (this.live === undefined) return;
    if (this.rate?.take(this.host.now()) === false)
      throw new MqttProtocolError('message rate above the limit', mqttReasonCodes.messageRateTooHigh);
    this.host.message(this.live, message);
  }

  acknowledged(packetId: number, reasonCode: number): void {
    this.live?.inFlight?.acknowledge(packetId, reasonCode);
  }

  isInFlight(packetId: number): boolean {
    return this.live?.inFlight?.has(packetId) ?? false;
  }

  leave(publishesWill: boolean): void {
    if (!publishesWill) this.will = undefined;
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
    this.ended('the client closed the connection');
  }

  onPacket(packet: Packet): void {
    if (this.isClosed) return;
    if (this.early !== undefined) {
      if (this.early.push(packet) > maxEarlyPackets)
        throw new MqttProtocolError('too many packets before CONNACK');
      return;
    }
    if (this.live !== undefined) return this.onConnectedPacket(packet, this.live);
    if (packet.cmd === 'connect') this.onConnect(packet); // the reader rejects any other packet before CONNECT
  }

  /** Pauses reading briefly, because the client sends faster than it is served. */
  slowDown(): void {
    if (this.isSlowed || this.isClosed) return;
    this.isSlowed = true;
    this.link.pause();
    setTimeout(() => {
      this.isSlowed = false;
      this.link.resume();
    }, slowedMs).unref();
  }

  /**
   * Sends the reason to an MQTT 5 client, sends what is queued, and closes the connection. When this returns, the
   * session has been removed. A client that has no CONNACK yet gets one that refuses it instead of a DISCONNECT
   * [MQTT5 3.14.0-1].
   */
  close(why: string, reasonCode: number = mqttReasonCodes.administrativeAction, atFault = false): void {
    if (this.isClosed) return;
    if (this.pushesBeforeConnack !== undefined) {
      this.answerConnect(
        encodePacket(refusingConnack(this.version, refusalForCloseReason(reasonCode)), this.version),
        [],
      );
    } else if (this.version === 5 && this.live !== undefined)
      this.replyWithReason({cmd: 'disconnect', reasonCode}, why);
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
    this.silence.stop();
    clearTimeout(this.expiryTimer);
    this.early = undefined;
    this.host.closed(this, this.live, why, atFault);
    if (this.live !== undefined && this.will !== undefined) this.host.will(this.live, this.will);
  }

  private onFault(error: unknown): void {
    const fault = error instanceof MqttProtocolError ? error : new MqttProtocolError('unparsable packet');
    const {connackVersion} = fault;
    if (connackVersion === undefined) {
      this.close(fault.message, fault.reasonCode, true);
      if (this.live === undefined) this.link.destroy();
    } else {
      this.version = connackVersion;
      this.reply(connackForFault(connackVersion, fault.reasonCode));
      this.finish(fault.message, true);
    }
  }

  private onConnectedPacket(packet: Packet, live: LiveSession): void {
    this.silence.refresh();
    live.lastActiveAt = this.host.now();
    handlePacket(packet, this);
    if (!this.isClosed) this.host.active(live);
  }

  private onConnect(packet: IConnectPacket): void {
    this.early = [];
    this.version = mqttVersionOf(packet);
    const request = evaluateConnect(packet);
    if (typeof request === 'string') return this.refuse(request);
    this.wantsExpiry = request.wantsExpiry;
    this.maximumPacketBytes = request.maximumPacketBytes ?? Number.POSITIVE_INFINITY;
    this.receiveMaximum = request.receiveMaximum ?? Number.POSITIVE_INFINITY;
    this.allowsReasonStrings = request.allowsReasonStrings;
    if (request.will !== undefined && !this.host.acceptsWill(request.will.topic, this.version))
      return this.refuse('willRefused');
    const {ip, network, userAgent, certificate} = this.link;
    const {clientId, username, password} = request;
    const client: ConnectingClient = {clientId, username, password, ip, network, userAgent, certificate};
    this.authenticateAndAdmit(request, client).catch((error) => this.cut(this.host.failed(error)));
  }

  private async authenticateAndAdmit(request: ConnectRequest, client: ConnectingClient): Promise<void> {
    const admission = await this.host.authenticate(client, () => this.isClosed);
    if (this.isClosed) return;
    if (!admission.allow) return this.refuse(refusalOfAdmission(admission));
    const bytes = encodePacket(acceptingConnack(request, this.host.limits), this.version);
    if (bytes.length > this.maximumPacketBytes)
      return this.finish('its maximum packet size is too small for a CONNACK', true); // [MQTT5 3.1.2.11.4]
    const live = this.host.admit(this, client, admission);
    if (typeof live === 'string') return this.refuse(live);
    this.live = live;
    this.pushesBeforeConnack = [];
    this.host.admitted(live);
    const {userId, expiresAt} = admission;
    if (userId !== undefined && userId !== '') {
      const isBound = await this.host.bind(live, userId);
      if (this.isClosed) return;
      if (!isBound) return this.refuse('quotaExceeded');
    }
    this.will = request.will;
    this.answerConnect(bytes);
    this.silence.watch(effectiveKeepAlive(request.keepAlive, this.host.limits), () => this.onSilence());
    const expire = (): void =>
      this.close('its credentials have expired', mqttReasonCodes.maximumConnectTime, true);
    if (expiresAt !== undefined) this.expiryTimer = startExpiryTimer(expiresAt - this.host.now(), expire);
    this.handleEarly();
  }

  /** Sends the CONNACK, and then the pushes that waited for it. */
  private answerConnect(connack: Uint8Array, pushes = this.pushesBeforeConnack ?? []): void {
    this.pushesBeforeConnack = undefined;
    this.heldBytes = 0;
    for (const bytes of [connack, ...pushes]) this.write(bytes);
  }

  /** Handles the packets that arrived before CONNACK. */
  private handleEarly(): void {
    const waiting = this.early ?? [];
    this.early = undefined;
    try {
      for (const packet of waiting) this.onPacket(packet);
    } catch (error) {
      this.onFault(error);
    }
  }

  private refuse(why: ConnectRefusal): void {
    this.host.turnedAway(why);
    this.pushesBeforeConnack = undefined;
    this.replyWithReason(refusingConnack(this.version, why), connectRefusalTexts[why]);
    this.finish(`refused: ${why}`, true);
  }

  /**
   * Closes the connection if no packet has arrived. Checks that only after the next read: after a stall of the event
   * loop, timers run before pings that have already arrived are read.
   */
  private onSilence(): void {
    const lastActiveAt = this.live?.lastActiveAt;
    setImmediate(() => {
      if (this.live?.lastActiveAt === lastActiveAt)
        this.close('keep-alive timeout', mqttReasonCodes.keepAliveTimeout, true);
    });
  }

  private onNoConnect(): void {
    if (this.live === undefined || this.early !== undefined) this.cut('no CONNECT in time');
  }
}
