import {hostname} from 'node:os';
import {pid} from 'node:process';
import type {Bus} from '../../src/bus/bus.js';
import {type EncodedPageSource, gateCallHandler} from '../../src/bus/gate/gate-server.js';
import {nodeAddress} from '../../src/bus/node-address.js';
import {ReplyInboxes} from '../../src/bus/rpc/reply-inboxes.js';
import {Responder} from '../../src/bus/rpc/responder.js';
import type {ClientConnection} from '../../src/gate/mqtt/client-connection.js';
import {DrainStatus} from '../../src/gate/node/drain-status.js';
import {defaultLimits} from '../../src/gate/node/gate-options.js';
import {LocalGate} from '../../src/gate/node/local-gate.js';
import {ProcessHealthMonitor} from '../../src/gate/node/process-health-monitor.js';
import {DeliverySender} from '../../src/gate/sessions/delivery-sender.js';
import {EventFeeds} from '../../src/gate/sessions/event-feeds.js';
import {GateCounters} from '../../src/gate/sessions/gate-counters.js';
import {LiveSession} from '../../src/gate/sessions/live-session.js';
import {PushSender} from '../../src/gate/sessions/push-sender.js';
import {SessionPageEncoder} from '../../src/gate/sessions/session-page-encoder.js';
import {SessionTable} from '../../src/gate/sessions/session-table.js';
import {GateRecords} from '../../src/gate/storage/gate-records.js';
import type {Registry} from '../../src/registry/registry.js';
import {extensionFunctions, type GateApi, stockFunctions} from '../../src/session/gate-api.js';
import {newSession, type Session, type StringBag, stringBag} from '../../src/session/session.js';

export interface GeneratedGateOptions {
  readonly bus: Bus;
  readonly registry: Registry;
  /** The part after `Gate@`. */
  readonly id: string;
  readonly sessions: number;
  /** Number of its first session: gates with ranges of their own have sessions of their own. */
  readonly from?: number | undefined;
  /** Before the number in each uid; `user-` by default. */
  readonly uidPrefix?: string | undefined;
  /** Serves the same sessions once more as `Plain@<id>`, a gate that can neither filter nor sort. */
  readonly plainTwin?: boolean | undefined;
}

/** A gate whose sessions were made up: everything but the clients' connections is the gate's own code. */
export interface GeneratedGate {
  readonly nodeId: string;
  readonly api: LocalGate;
  readonly table: SessionTable;
  /** So many sessions change: a tenth leaves and comes anew, the others get a setting and some traffic. */
  churn(count: number): Promise<void>;
  stop(): Promise<void>;
}

const rooms = 100;

/** One of a few hundred, as players in rooms have them; the objects are shared, since a gate replaces and never changes them. */
const settingsOf = lazily(
  (at: number): StringBag =>
    stringBag([
      ['User-Agent', 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36'],
      ['level', String(at % 60).padStart(2, '0')],
      ['lang', 'zh-CN'],
      ['room', `mqant-${String(at % rooms).padStart(2, '0')}`],
      ['vip', at % 9 === 0 ? '1' : '0'],
    ]),
);

/** Session number `at` on a gate: 242 bytes of protobuf, five settings; one in ten is a guest. */
export function generatedSession(at: number, serverId: string, uidPrefix = 'user-'): Session {
  return newSession({
    ip: `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}:${10_000 + (at % 50_000)}`,
    network: at % 3 === 0 ? 'websocket' : 'tcp',
    userId: at % 10 === 0 ? '' : `${uidPrefix}${String(at).padStart(8, '0')}`,
    sessionId: (0xf00d_0000_0000 + at).toString(16).padStart(16, '0'),
    serverId,
    traceId: (0x6a5e_0000_0000 + at).toString(16).padStart(16, '0'),
    spanId: (0xd5c3_0000_0000 + at).toString(16).padStart(16, '0'),
    settings: settingsOf(at % 900),
  });
}

/** Starts it and registers it. */
export async function startGeneratedGate(options: GeneratedGateOptions): Promise<GeneratedGate> {
  const {bus, id, sessions, from = 0, uidPrefix} = options;
  const nodeId = `Gate@${id}`;
  const table = new SessionTable();
  const counters = new GateCounters();
  const log = (): void => {};
  const limitBytes = Math.floor(bus.maxPayloadBytes / 2);
  const startedAt = Date.now();
  const replies = new ReplyInboxes();
  const parts = {nodeId, table, counters, replies, startedAt, now: Date.now, persistence: undefined};
  const feeds = new EventFeeds({
    replies,
    nodeId,
    limitBytes,
    now: Date.now,
    log,
    publish: (subject, bytes) => bus.publish(subject, bytes),
  });
  const pushes = new PushSender(undefined, counters, log);
  const health = new ProcessHealthMonitor(table);
  const api = new LocalGate({
    ...parts,
    feeds,
    pageLimitBytes: limitBytes,
    pages: new SessionPageEncoder({table, nodeId, limitBytes, startedAt, now: Date.now}),
    pushes,
    deliveries: new DeliverySender({pushes, limits: defaultLimits}),
    records: new GateRecords(undefined, limitBytes),
    drain: new DrainStatus(),
    limits: {sessionsPerUser: 0},
    sessionsOverLimit: undefined,
    health,
    admission: () => ({authenticate: 'none', limits: {}, warmUpMs: 0, certificates: []}),
  });
  const host = new MadeUpClients(table, feeds, counters, nodeId, from, uidPrefix);
  for (let at = 0; at < sessions; at += 1) host.join();
  const serving = [await serve(options, 'Gate', api, api)];
  if (options.plainTwin === true) serving.push(await serve(options, 'Plain', ...plainTwin(api)));
  return {
    nodeId,
    api,
    table,
    churn: (count) => host.churn(api, count),
    stop: async () => {
      feeds.stop();
      health.stop();
      for (const stop of serving) await stop();
    },
  };
}

/** Takes calls and says so in the registry; the function it resolves with ends both. */
async function serve(
  {bus, registry, id}: GeneratedGateOptions,
  type: string,
  gate: GateApi,
  pages: EncodedPageSource,
): Promise<() => Promise<void>> {
  const nodeId = `${type}@${id}`;
  const address = nodeAddress('gate', nodeId);
  const functionSubjects = [...stockFunctions, ...extensionFunctions];
  const responder = new Responder({
    bus,
    address,
    functionSubjects,
    serve: gateCallHandler({gate, pages, type}),
  });
  await bus.flush();
  const metadata = {hostname: hostname(), pid: String(pid)};
  const about = {version: '0.0.0', metadata, subjectPerFunction: true, source: registry.name};
  const registration = await registry.register({id: nodeId, type, address, ...about});
  return async () => {
    await registration.close();
    await responder.stop();
  };
}

/** The same gate without the parts of the extension that not every gate has. */
function plainTwin(api: LocalGate): readonly [GateApi, EncodedPageSource] {
  const gate = Object.create(api, {count: {value: () => api.count()}}) as GateApi;
  return [
    gate,
    {
      listEncoded: ({after, limit}) => api.listEncoded({after, limit}),
      sessionEncoded: (session) => api.sessionEncoded(session),
      findEncoded: (uid) => api.findEncoded(uid),
      connectionsEncoded: (query) => api.connectionsEncoded(query),
    },
  ];
}

/** Who would be at the other ends of the connections. */
class MadeUpClients {
  private joined = 0;
  private turn = 0;

  constructor(
    private readonly table: SessionTable,
    private readonly feeds: EventFeeds,
    private readonly counters: GateCounters,
    private readonly nodeId: string,
    private readonly from: number,
    private readonly uidPrefix: string | undefined,
  ) {}

  join(): void {
    const at = this.from + this.joined;
    this.joined += 1;
    const connectedAt = Date.now() - (at % 86_400) * 1000;
    const connection = new NoConnection();
    const live = new LiveSession(
      generatedSession(at, this.nodeId, this.uidPrefix),
      connection as unknown as ClientConnection,
      connectedAt,
    );
    live.lastActiveAt = connectedAt + ((at * 7919) % (Date.now() - connectedAt + 1));
    live.received = at % 1000;
    live.sent = at % 3000;
    connection.leave = (why) => this.leave(live, why);
    this.table.add(live);
    this.counters.connects += 1;
    this.feeds.emit(live, {kind: 'connected'});
  }

  async churn(api: LocalGate, count: number): Promise<void> {
    const ids = this.some(count);
    for (const [at, id] of ids.entries()) {
      if (at % 10 === 0) {
        await api.close(id);
        this.join();
        continue;
      }
      const live = this.table.get(id);
      if (live === undefined) continue;
      live.lastActiveAt = Date.now();
      live.received += 1;
      this.counters.received += 1;
      await api.set(id, 'level', String(this.turn % 60).padStart(2, '0'));
    }
  }

  private some(count: number): readonly string[] {
    const ids: string[] = [];
    this.turn += 1;
    const last = this.from + this.joined;
    for (let step = 0; ids.length < count && step < count * 4; step += 1) {
      const at = this.from + ((this.turn * 7919 + step * 104_729) % (last - this.from));
      const {sessionId} = generatedSession(at, this.nodeId, this.uidPrefix);
      if (this.table.get(sessionId) !== undefined) ids.push(sessionId);
    }
    return ids;
  }

  private leave(live: LiveSession, why: string): void {
    if (!this.table.remove(live)) return;
    this.counters.disconnects += 1;
    this.feeds.emit(live, {kind: 'closed', why});
  }
}

/** Takes what it is sent and drops it. */
class NoConnection {
  readonly version = 4;
  readonly maximumPacketBytes = Number.POSITIVE_INFINITY;
  readonly waitingBytes = 0;
  closed = false;
  leave: (why: string) => void = () => {};

  write(): boolean {
    return true;
  }

  close(why: string): void {
    this.closed = true;
    this.leave(why);
  }
}

function lazily<T>(make: (at: number) => T): (at: number) => T {
  const made: T[] = [];
  return (at) => {
    made[at] ??= make(at);
    return made[at] as T;
  };
}
