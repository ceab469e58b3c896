import {randomBytes} from 'node:crypto';
import {hostname} from 'node:os';
import {pid} from 'node:process';
import {isNodeToken, nodeAddress} from '../bus/address.js';
import {Caller} from '../bus/caller.js';
import {serveGate} from '../bus/gate-server.js';
import {ReplyInboxes} from '../bus/reply-inboxes.js';
import {Responder} from '../bus/responder.js';
import {UsageError} from '../errors.js';
import {NodeDirectory} from '../registry/node-directory.js';
import type {ClusterNode, FunctionStats, Registration} from '../registry/registry.js';
import {extensionFunctions, type GateApi, stockFunctions} from '../session/gate-api.js';
import {version} from '../version.js';
import {ClientConnection} from './connection.js';
import {GateCounters} from './counters.js';
import {EventFeeds} from './event-feeds.js';
import {GateNode} from './gate-node.js';
import {defaultLimits, type GateLimits, type GateOptions} from './gate-options.js';
import {GateRecords} from './gate-records.js';
import type {ClientLink} from './listen/link.js';
import {type Listener, listenTcp} from './listen/tcp.js';
import {listenWebSocket} from './listen/websocket.js';
import {LiveSession} from './live-session.js';
import {LocalGate} from './local-gate.js';
import {Persistence} from './persistence.js';
import {Pushes} from './pushes.js';
import {Router} from './router.js';
import {SessionPages} from './session-pages.js';
import {SessionTable} from './session-table.js';
import {changeSettings} from './session-writes.js';

/** A running gate node. */
export interface Gate {
  /** `<type>@<id>`. */
  readonly nodeId: string;
  readonly address: string;
  readonly tcpPort: number | undefined;
  readonly wsPort: number | undefined;
  /** Its functions without the bus between. */
  readonly api: GateApi;
  /**
   * Changes limits of the running gate and returns the names of those that only a restart can change. Limits of a
   * connection count for clients that connect from now on.
   */
  setLimits(limits: Partial<GateLimits>): readonly (keyof GateLimits)[];
  /**
   * Leaves the registry, takes no more clients, lets requests under way end for at most `drainMs` (1 s), closes the
   * connections: at once, or evenly within `closeMs`, 500 a second or faster. The bus, the registry and the storage stay
   * the caller's. Safe to call twice.
   */
  stop(options?: StopOptions): Promise<void>;
}

export interface StopOptions {
  readonly drainMs?: number | undefined;
  readonly closeMs?: number | undefined;
}

const defaultDrainMs = 1000;

/** Handed out at the start, to parts that do not ask again. */
const fixedLimits = ['requestTimeoutMs', 'storageTimeoutMs'] as const;

/** Rejects with UsageError when a name, a certificate or a port can't be used; then nothing is left behind. */
export async function startGate(options: GateOptions): Promise<Gate> {
  const running = assemble(options);
  try {
    await options.bus.flush();
    await running.register();
    await running.listen();
    return running;
  } catch (error) {
    await running.stop({drainMs: 0});
    throw error;
  }
}

function assemble(options: GateOptions): RunningGate {
  const {bus, registry, type = 'Gate', storage, now = Date.now, log = () => {}} = options;
  const nodeId = nodeIdOf(type, options.id);
  const limits: GateLimits = {...defaultLimits, ...options.limits};
  const table = new SessionTable();
  const startedAt = now();
  const pageLimitBytes = Math.floor(bus.maxPayloadBytes / 2);
  const counters = new GateCounters();
  const replies = new ReplyInboxes({prefixes: options.replyInboxes, log});
  const pushes = new Pushes(options.beforeSend, counters, log);
  const feeds = new EventFeeds({
    nodeId,
    publish: (subject, bytes) => bus.publish(subject, bytes),
    replies,
    limitBytes: pageLimitBytes,
    now: Date.now,
    log,
  });
  const persistence =
    storage &&
    new Persistence({
      storage,
      timeoutMs: limits.storageTimeoutMs,
      restore: (live, settings) =>
        live instanceof LiveSession
          ? changeSettings(live, pageLimitBytes, () => live.importSettings(settings))
          : live.importSettings(settings),
      log,
    });
  const records = new GateRecords(storage, pageLimitBytes);
  const pages = new SessionPages({table, nodeId, limitBytes: pageLimitBytes, startedAt, now: Date.now});
  const parts = {nodeId, table, pushes, persistence, feeds, replies, counters, now};
  const api = new LocalGate({...parts, pages, records, startedAt, pageLimitBytes});
  const caller = new Caller(bus, {
    caller: nodeId,
    hostname: hostname(),
    timeoutMs: limits.requestTimeoutMs,
    now,
  });
  const directory = new NodeDirectory({
    registry,
    inboxes: replies.prefixes,
    now,
    log: (what, error) => log(`${what}: ${error instanceof Error ? error.message : String(error)}`),
  });
  const router = new Router({caller, directory, timeoutMs: limits.requestTimeoutMs});
  const node = new GateNode({...parts, limits, hooks: options, router, log});
  const address = nodeAddress('gate', nodeId);
  const responder = new Responder({
    bus,
    address,
    functionSubjects: [...stockFunctions, ...extensionFunctions],
    serve: serveGate({gate: api, pages: api, type}),
    replies,
  });
  return new RunningGate(options, {
    nodeId,
    address,
    type,
    limits,
    api,
    node,
    feeds,
    responder,
    replies,
    caller,
    directory,
  });
}

function nodeIdOf(type: string, id = randomBytes(8).toString('hex')): string {
  for (const part of [type, id]) {
    if (isNodeToken(part)) continue;
    throw new UsageError(`"${part}" cannot be part of a gate's name`, {
      hint: 'use up to 64 letters, digits, "-" and "_"',
    });
  }
  return `${type}@${id}`;
}

interface GateParts {
  readonly nodeId: string;
  readonly address: string;
  readonly type: string;
  readonly limits: GateLimits;
  readonly api: GateApi;
  readonly node: GateNode;
  readonly feeds: EventFeeds;
  readonly responder: Responder;
  readonly replies: ReplyInboxes;
  readonly caller: Caller;
  readonly directory: NodeDirectory;
}

class RunningGate implements Gate {
  readonly nodeId: string;
  readonly address: string;
  readonly api: GateApi;
  private tcp: Listener | undefined;
  private ws: Listener | undefined;
  private registration: Registration | undefined;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly options: GateOptions,
    private readonly parts: GateParts,
  ) {
    this.nodeId = parts.nodeId;
    this.address = parts.address;
    this.api = parts.api;
  }

  get tcpPort(): number | undefined {
    return this.tcp?.port;
  }

  get wsPort(): number | undefined {
    return this.ws?.port;
  }

  /** Before it listens: a module that hears of a client must find the client's gate. */
  async register(): Promise<void> {
    const {registry} = this.options;
    this.registration = await registry.register(this.record(), () => this.stats(), this.parts.replies);
  }

  async listen(): Promise<void> {
    const {tcp, ws} = this.options;
    const {node, limits} = this.parts;
    const accept = (link: ClientLink): void => node.opened(new ClientConnection(link, node));
    const {connectTimeoutMs} = limits;
    if (tcp !== undefined) this.tcp = await listenTcp({...tcp, connectTimeoutMs}, accept);
    if (ws !== undefined) this.ws = await listenWebSocket({...ws, connectTimeoutMs}, accept);
  }

  setLimits(limits: Partial<GateLimits>): readonly (keyof GateLimits)[] {
    const current: {-readonly [name in keyof GateLimits]: number} = this.parts.limits;
    const wanted = {...defaultLimits, ...limits};
    const fixed = fixedLimits.filter((name) => wanted[name] !== current[name]);
    for (const name of fixedLimits) wanted[name] = current[name];
    Object.assign(current, wanted);
    return fixed;
  }

  stop({drainMs = defaultDrainMs, closeMs = 0}: StopOptions = {}): Promise<void> {
    this.stopping ??= this.shutDown(drainMs, closeMs);
    return this.stopping;
  }

  private async shutDown(drainMs: number, closeMs: number): Promise<void> {
    const {node, feeds, responder, caller, directory} = this.parts;
    await this.registration?.close().catch(() => {}); // its lease ends by itself
    const closing = [this.tcp?.close(), this.ws?.close()];
    await node.drain(drainMs);
    await node.closeAll(closeMs);
    await Promise.all(closing);
    feeds.stop();
    await responder.stop();
    await node.settle(drainMs);
    await directory.close();
    caller.close();
  }

  private record(): ClusterNode {
    const {nodeId: id, type, address} = this.parts;
    const {name} = this.options.registry;
    return {
      id,
      type,
      address,
      version,
      // the keys that every mqant node carries; `server` is how its registries tell mqant services from others
      metadata: {hostname: hostname(), pid: String(pid), server: 'rpc', registry: name},
      subjectPerFunction: true,
      source: name,
    };
  }

  private stats(): readonly FunctionStats[] {
    const {responder, address} = this.parts;
    return [...stockFunctions, ...extensionFunctions].map((fn) => {
      const {calls, errors} = responder.counts.get(fn) ?? {calls: 0, errors: 0};
      return {name: fn, subject: `${address}.${fn}`, calls, errors};
    });
  }
}
