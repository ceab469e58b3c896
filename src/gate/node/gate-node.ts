import {setTimeout as delay} from 'node:timers/promises';
import {errorMessage} from '../../base/error-details.js';
import type {LimitName} from '../../session/gate-admission.js';
import {randomId} from '../../session/random-id.js';
import {emptyStringBag, newSession, type Session, type StringBag, stringBag} from '../../session/session.js';
import {type Admission, type ConnectingClient, refusedAdmission} from '../admission/admission.js';
import type {ThrottledAuthenticator} from '../admission/throttled-authenticator.js';
import type {ConnectionRefusalReason} from '../listen/socket-server.js';
import type {ClientMessage} from '../mqtt/client-message.js';
import type {ConnectRefusal} from '../mqtt/connect-rules.js';
import type {ConnectionHost} from '../mqtt/connection-host.js';
import {mqttReasonCodes} from '../mqtt/mqtt-protocol-error.js';
import type {ProtocolVersion} from '../mqtt/protocol-version.js';
import {CloseLog} from '../sessions/close-log.js';
import {ConnectionsByClientId} from '../sessions/connections-by-client-id.js';
import type {EventFeeds} from '../sessions/event-feeds.js';
import type {GateCounters} from '../sessions/gate-counters.js';
import {LiveSession, type SessionConnection} from '../sessions/live-session.js';
import type {PushSender} from '../sessions/push-sender.js';
import type {SessionTable} from '../sessions/session-table.js';
import type {SessionPersistence} from '../storage/session-persistence.js';
import {clientErrorReply} from './client-reply.js';
import type {DrainStatus} from './drain-status.js';
import type {GateHooks, GateLimits} from './gate-options.js';
import {isModuleTopic, type MessageRouter} from './message-router.js';

interface GateNodeParts {
  readonly nodeId: string;
  readonly limits: GateLimits;
  readonly hooks: GateHooks;
  readonly table: SessionTable;
  readonly pushes: PushSender;
  readonly persistence: SessionPersistence | undefined;
  readonly router: Pick<MessageRouter, 'route'>;
  /** Undefined if the gate accepts every client. */
  readonly authenticator: ThrottledAuthenticator | undefined;
  /** Binds a session, as a module does. */
  readonly bind: (sessionId: string, userId: string) => Promise<unknown>;
  readonly feeds: EventFeeds;
  readonly counters: GateCounters;
  readonly drain: DrainStatus;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/**
 * 10 connections every 20 ms are 500 a second, a rate at which clients can reconnect to other gates without
 * overloading them.
 */
const closesPerTurn = 10;
const closeTurnMs = 20;
const stopping = 'the gate is stopping';

/** Turns connections into sessions, and clients' messages into calls. */
export class GateNode implements ConnectionHost {
  readonly limits: GateLimits;
  /** All connections, including those that have no session. */
  private readonly connections = new Set<SessionConnection>();
  /** Number of running requests per session. */
  private readonly requests = new Map<LiveSession, number>();
  private idle: (() => void) | undefined;
  private stopping = false;
  private readonly closeLog: CloseLog;
  private readonly clientIds = new ConnectionsByClientId();

  private readonly parts: GateNodeParts;

  constructor(parts: GateNodeParts) {
    this.parts = ofOneShape(parts);
    this.limits = parts.limits;
    this.closeLog = new CloseLog(parts.log);
  }

  now(): number {
    return this.parts.now();
  }

  opened(connection: SessionConnection): void {
    this.connections.add(connection);
  }

  /** Counts a connection that was refused before it sent a CONNECT. */
  refused(why: ConnectionRefusalReason, limit: LimitName): void {
    this.parts.counters.refused += 1;
    this.parts.counters.hit(limit, this.now());
    this.closeLog.count(why);
  }

  authenticate(client: ConnectingClient, isGone: () => boolean): Admission | Promise<Admission> {
    if (this.parts.drain.isActive) return refusedAdmission('useAnotherServer');
    return this.parts.authenticator?.authenticate(client, isGone) ?? admitAll;
  }

  turnedAway(why: ConnectRefusal): void {
    this.parts.counters.refused += 1;
    if (loginRefusals.has(why)) this.parts.counters.hit('authenticate', this.now());
  }

  async bind(live: LiveSession, userId: string): Promise<boolean> {
    try {
      await this.parts.bind(live.id, userId);
      return true;
    } catch (error) {
      this.parts.log(`session ${live.id} could not be bound to its user: ${errorMessage(error)}`);
      return false;
    }
  }

  admit(
    connection: SessionConnection,
    client: ConnectingClient,
    {settings}: Admission,
  ): LiveSession | ConnectRefusal {
    const {table, limits, hooks, drain} = this.parts;
    if (this.stopping) return 'serverUnavailable';
    if (drain.isActive) return 'useAnotherServer';
    if (hooks.sameClientId === 'take-over') this.clientIds.take(client.clientId, connection);
    if (table.size >= limits.maxSessions) {
      this.parts.counters.hit('maxSessions', this.now());
      return 'serverUnavailable';
    }
    const live = new LiveSession(this.newSession(client, settings), connection, this.now());
    table.add(live);
    return live;
  }

  admitted(live: LiveSession): void {
    this.parts.counters.connects += 1;
    this.parts.feeds.emit(live, {kind: 'connected'});
    this.hook('onConnected', () => this.parts.hooks.onConnected?.(live.session));
  }

  failed(error: unknown): string {
    this.parts.log(`a client could not connect: ${errorMessage(error)}`);
    return 'an error in the gate';
  }

  message(live: LiveSession, message: ClientMessage): void {
    if ((this.requests.get(live) ?? 0) < this.limits.requestsPerClient) return this.request(live, message);
    this.count(live);
    live.connection.slowDown();
    this.parts.counters.hit('requestsPerClient', this.now());
    this.answer(live, message, clientErrorReply(live.session.traceId, 'the work queue is full!'));
  }

  acceptsWill(topic: string, version: ProtocolVersion): boolean {
    const {will = 'publish', route} = this.parts.hooks;
    if (will !== 'publish') return will === 'ignore';
    return version < 5 || route !== undefined || isModuleTopic(topic);
  }

  will(live: LiveSession, will: ClientMessage): void {
    if ((this.parts.hooks.will ?? 'publish') === 'publish') this.request(live, will);
  }

  active(live: LiveSession): void {
    const {persistence, now} = this.parts;
    if (persistence === undefined || now() - live.lastHeartbeatAt < this.heartbeatMs) return;
    live.lastHeartbeatAt = now();
    if (live.session.userId !== '') persistence.heartbeat(live);
  }

  closed(connection: SessionConnection, live: LiveSession | undefined, why: string, atFault: boolean): void {
    this.connections.delete(connection);
    this.clientIds.release(connection);
    if (atFault) this.closeLog.count(why);
    if (live === undefined) return;
    this.parts.table.remove(live);
    live.inFlight?.close();
    this.parts.counters.disconnects += 1;
    this.parts.feeds.emit(live, {kind: 'closed', why});
    this.hook('onDisconnected', () => this.parts.hooks.onDisconnected?.(live.session, why));
  }

  /** Waits up to `withinMs` for unsaved sessions to be stored. Call this when all connections are closed. */
  async storeUnsaved(withinMs: number): Promise<void> {
    await this.parts.persistence?.stop(withinMs);
  }

  /** Interval of heartbeats: short enough to touch a record at least three times before it expires. */
  private get heartbeatMs(): number {
    const {heartbeatMs} = this.limits;
    const ttlMs = this.parts.persistence?.ttlMs;
    return ttlMs === undefined ? heartbeatMs : Math.min(heartbeatMs, ttlMs / 3);
  }

  /** Stops accepting sessions. Resolves when no request is running, or after `drainMs`. */
  async drain(drainMs: number): Promise<void> {
    this.stopping = true;
    if (this.requests.size === 0 || drainMs === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, drainMs);
      this.idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Closes all connections at an even rate within `withinMs`: at 500 a second, or faster if necessary. */
  async closeAll(withinMs: number): Promise<void> {
    const turns = Math.max(1, Math.floor(withinMs / closeTurnMs));
    const each = Math.max(Math.ceil(this.connections.size / turns), closesPerTurn);
    for (let turn = 1; withinMs > 0 && this.connections.size > each && turn < turns; turn += 1) {
      this.closeSome(each);
      await delay(closeTurnMs);
    }
    this.closeSome(Number.POSITIVE_INFINITY);
    this.closeLog.flush();
  }

  private closeSome(count: number): void {
    let left = count;
    for (const connection of [...this.connections]) {
      if (left <= 0) return;
      left -= 1;
      connection.close(stopping, mqttReasonCodes.serverShuttingDown);
    }
  }

  private count(live: LiveSession): void {
    live.received += 1;
    this.parts.counters.received += 1;
  }

  /** Starts serving a message. Copies it first, because the parser reuses its buffer. */
  private request(live: LiveSession, message: ClientMessage): void {
    this.count(live);
    this.requests.set(live, (this.requests.get(live) ?? 0) + 1);
    const {body, correlationData} = message;
    const copy = correlationData && Buffer.from(correlationData);
    void this.serve(live, {...message, body: Buffer.from(body), correlationData: copy});
  }

  private async serve(live: LiveSession, message: ClientMessage): Promise<void> {
    const {hooks, router} = this.parts;
    const {topic, body, responseTopic} = message;
    try {
      const answer = await (hooks.route === undefined
        ? router.route(live.session, topic, body, responseTopic !== undefined)
        : hooks.route(live.session, topic, body));
      if (answer !== undefined) this.answer(live, message, answer);
    } catch (error) {
      this.answer(live, message, clientErrorReply(live.session.traceId, errorMessage(error)));
    } finally {
      this.served(live);
    }
  }

  private served(live: LiveSession): void {
    const underWay = this.requests.get(live) ?? 1;
    if (underWay > 1) this.requests.set(live, underWay - 1);
    else this.requests.delete(live);
    if (this.requests.size === 0) this.idle?.();
  }

  /** Sends the reply on the response topic (MQTT 5), or else, as mqant does, on the topic of the message. */
  private answer(
    live: LiveSession,
    {topic, responseTopic = topic, correlationData}: ClientMessage,
    body: Uint8Array,
  ): void {
    if (live.connection.closed) return;
    try {
      this.parts.pushes.send(live, responseTopic, body, {correlationData});
    } catch (error) {
      this.parts.log(`reply to session ${live.id}: ${errorMessage(error)}`);
    }
  }

  private newSession({ip, network, userAgent}: ConnectingClient, own: Admission['settings'] = {}): Session {
    return newSession({
      ip,
      network,
      sessionId: randomId(),
      serverId: this.parts.nodeId,
      traceId: randomId(),
      spanId: randomId(),
      settings: initialSettings(userAgent, own),
    });
  }

  private hook(name: string, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.parts.log(`hook ${name}: ${errorMessage(error)}`);
    }
  }
}

/**
 * Copies the parts and the hooks into object literals of this place, so that they have the same hidden class in every node.
 * For other hidden classes V8 would discard the code that it compiled during the warm-up.
 */
function ofOneShape(parts: GateNodeParts): GateNodeParts {
  const {hooks} = parts;
  return {
    nodeId: parts.nodeId,
    limits: parts.limits,
    table: parts.table,
    pushes: parts.pushes,
    persistence: parts.persistence,
    router: parts.router,
    authenticator: parts.authenticator,
    bind: parts.bind,
    feeds: parts.feeds,
    counters: parts.counters,
    drain: parts.drain,
    now: parts.now,
    log: parts.log,
    hooks: {
      sameClientId: hooks.sameClientId,
      will: hooks.will,
      route: hooks.route?.bind(hooks),
      onConnected: hooks.onConnected?.bind(hooks),
      onDisconnected: hooks.onDisconnected?.bind(hooks),
    },
  };
}

const admitAll: Admission = {allow: true};

const loginRefusals: ReadonlySet<ConnectRefusal> = new Set([
  'badCredentials',
  'notAuthorized',
  'badAuthenticationMethod',
]);

/**
 * Returns a session's initial settings: `User-Agent`, which mqant sets since v1.5 for WebSocket clients, and those
 * from authentication.
 */
function initialSettings(userAgent: string | undefined, own: Readonly<Record<string, string>>): StringBag {
  const agent: [string, string][] = userAgent === undefined ? [] : [['User-Agent', userAgent]];
  const all = [...agent, ...Object.entries(own)];
  return all.length === 0 ? emptyStringBag : stringBag(all);
}
