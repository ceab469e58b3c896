import {setTimeout as delay} from 'node:timers/promises';
import {randomId} from '../../session/random-id.js';
import {emptyBag, newSession, type Session, stringBag} from '../../session/session.js';
import type {RefusedConnection} from '../listen/intake.js';
import type {ClientConnection, ConnectionHost} from '../mqtt/client-connection.js';
import {reason} from '../mqtt/protocol-error.js';
import {ClientIds} from '../sessions/client-ids.js';
import {Closings} from '../sessions/closings.js';
import type {EventFeeds} from '../sessions/event-feeds.js';
import {LiveSession} from '../sessions/live-session.js';
import type {Pushes} from '../sessions/pushes.js';
import type {SessionTable} from '../sessions/session-table.js';
import type {Persistence} from '../storage/persistence.js';
import {errorReply} from './client-reply.js';
import type {GateCounters} from './counters.js';
import type {ConnectingClient, GateHooks, GateLimits} from './gate-options.js';
import type {Router} from './router.js';

export interface GateNodeParts {
  readonly nodeId: string;
  readonly limits: GateLimits;
  readonly hooks: GateHooks;
  readonly table: SessionTable;
  readonly pushes: Pushes;
  readonly persistence: Persistence | undefined;
  readonly router: Router;
  readonly feeds: EventFeeds;
  readonly counters: GateCounters;
  readonly now: () => number;
  readonly log: (line: string) => void;
}

/** 500 a second: what a cluster takes back without noticing. */
const closesPerTurn = 10;
const closeTurnMs = 20;
const stopping = 'the gate stops';

/** Where connections become sessions and messages become calls. */
export class GateNode implements ConnectionHost {
  readonly limits: GateLimits;
  /** All connections, those without a session too. */
  private readonly connections = new Set<ClientConnection>();
  /** Requests under way, by session. */
  private readonly requests = new Map<LiveSession, number>();
  private idle: (() => void) | undefined;
  private stopping = false;
  private readonly closings: Closings;
  private readonly clientIds = new ClientIds();

  constructor(private readonly parts: GateNodeParts) {
    this.limits = parts.limits;
    this.closings = new Closings(parts.log);
  }

  now(): number {
    return this.parts.now();
  }

  opened(connection: ClientConnection): void {
    this.connections.add(connection);
  }

  /** A connection that was turned away before it was a client's. */
  refused(why: RefusedConnection): void {
    this.parts.counters.refused += 1;
    this.closings.note(why);
  }

  authenticate(client: ConnectingClient): boolean | Promise<boolean> {
    return this.parts.hooks.authenticate?.(client) ?? true;
  }

  admit(connection: ClientConnection, client: ConnectingClient): LiveSession | undefined {
    const {table, limits, hooks} = this.parts;
    if (this.stopping) return undefined;
    if (hooks.sameClientId === 'take-over') this.clientIds.take(client.clientId, connection);
    if (table.size >= limits.maxSessions) return undefined;
    const live = new LiveSession(this.newSession(client), connection, this.now());
    table.add(live);
    return live;
  }

  admitted(live: LiveSession): void {
    this.parts.counters.connects += 1;
    this.parts.feeds.tell(live, {kind: 'connected'});
    this.hook('onConnected', () => this.parts.hooks.onConnected?.(live.session));
  }

  message(live: LiveSession, topic: string, body: Uint8Array): void {
    live.received += 1;
    this.parts.counters.received += 1;
    const underWay = this.requests.get(live) ?? 0;
    if (underWay >= this.limits.requestsPerClient) {
      live.connection.slowDown();
      this.answer(live, topic, errorReply(live.session.traceId, 'the work queue is full!'));
      return;
    }
    this.requests.set(live, underWay + 1);
    void this.serve(live, topic, Buffer.from(body)); // a copy: the parser's buffer is reused
  }

  active(live: LiveSession): void {
    const {persistence, now} = this.parts;
    if (persistence === undefined || now() - live.lastHeartbeatAt < this.heartbeatMs) return;
    live.lastHeartbeatAt = now();
    if (live.session.userId !== '') persistence.heartbeat(live);
  }

  closed(connection: ClientConnection, live: LiveSession | undefined, why: string, atFault: boolean): void {
    this.connections.delete(connection);
    this.clientIds.release(connection);
    if (atFault) this.closings.note(why);
    if (live === undefined) return;
    this.parts.table.remove(live);
    this.parts.counters.disconnects += 1;
    this.parts.feeds.tell(live, {kind: 'closed', why});
    this.hook('onDisconnected', () => this.parts.hooks.onDisconnected?.(live.session, why));
  }

  /** Once no connection is left: what the storage has not taken yet gets so long. */
  async settle(withinMs: number): Promise<void> {
    await this.parts.persistence?.stop(withinMs);
  }

  /** Records that expire are touched at least three times in their life. */
  private get heartbeatMs(): number {
    const {heartbeatMs} = this.limits;
    const ttlMs = this.parts.persistence?.ttlMs;
    return ttlMs === undefined ? heartbeatMs : Math.min(heartbeatMs, ttlMs / 3);
  }

  /** Takes no new sessions; resolves when no request is under way, at the latest after `drainMs`. */
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

  /** Evenly within so long, where that is faster than the pace at which clients may come back elsewhere. */
  async closeAll(withinMs: number): Promise<void> {
    const turns = Math.max(1, Math.floor(withinMs / closeTurnMs));
    const each = Math.max(Math.ceil(this.connections.size / turns), closesPerTurn);
    for (let turn = 1; withinMs > 0 && this.connections.size > each && turn < turns; turn += 1) {
      this.closeSome(each);
      await delay(closeTurnMs);
    }
    this.closeSome(Number.POSITIVE_INFINITY);
    this.closings.tell();
  }

  private closeSome(count: number): void {
    let left = count;
    for (const connection of [...this.connections]) {
      if (left <= 0) return;
      left -= 1;
      connection.close(stopping, reason.serverShuttingDown);
    }
  }

  private async serve(live: LiveSession, topic: string, body: Buffer): Promise<void> {
    const {hooks, router} = this.parts;
    try {
      const answer = await (hooks.route === undefined
        ? router.route(live.session, topic, body)
        : hooks.route(live.session, topic, body));
      if (answer !== undefined) this.answer(live, topic, answer);
    } catch (error) {
      this.answer(live, topic, errorReply(live.session.traceId, messageOf(error)));
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

  private answer(live: LiveSession, topic: string, body: Uint8Array): void {
    if (live.connection.closed) return;
    try {
      this.parts.pushes.send(live, topic, body);
    } catch (error) {
      this.parts.log(`reply to session ${live.id}: ${messageOf(error)}`);
    }
  }

  private newSession({ip, network, userAgent}: ConnectingClient): Session {
    return newSession({
      ip,
      network,
      sessionId: randomId(),
      serverId: this.parts.nodeId,
      traceId: randomId(),
      spanId: randomId(),
      // as mqant does since v1.5 for WebSocket clients
      settings: userAgent === undefined ? emptyBag : stringBag([['User-Agent', userAgent]]),
    });
  }

  private hook(name: string, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.parts.log(`hook ${name}: ${messageOf(error)}`);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
