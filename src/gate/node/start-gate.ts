import {randomBytes} from 'node:crypto';
import {hostname} from 'node:os';
import {type ConflictError, UsageError} from '../../base/errors.js';
import {version} from '../../base/version.js';
import {isNodeToken, nodeAddress} from '../../bus/address.js';
import {serveGate} from '../../bus/gate/gate-server.js';
import {Caller} from '../../bus/rpc/caller.js';
import {ReplyInboxes} from '../../bus/rpc/reply-inboxes.js';
import {Responder} from '../../bus/rpc/responder.js';
import {claimNode, type NodeClaim} from '../../registry/node-claim.js';
import {NodeDirectory} from '../../registry/node-directory.js';
import {ownNode} from '../../registry/own-node.js';
import type {ClusterNode, FunctionStats, Registration} from '../../registry/registry.js';
import {extensionFunctions, type GateApi, stockFunctions} from '../../session/gate-api.js';
import type {Authenticator} from '../admission/admission.js';
import {openAuthenticator} from '../admission/open-authenticator.js';
import {SignIns} from '../admission/sign-ins.js';
import {AddressLimits} from '../listen/address-limits.js';
import type {RefusedConnection} from '../listen/intake.js';
import type {ClientLink} from '../listen/link.js';
import type {ListenerTls} from '../listen/listener-options.js';
import type {RenewableListener} from '../listen/renewable.js';
import {listenTcp} from '../listen/tcp.js';
import {TrustedProxies} from '../listen/trusted-proxies.js';
import {listenWebSocket} from '../listen/websocket.js';
import {ClientConnection} from '../mqtt/client-connection.js';
import {EventFeeds} from '../sessions/event-feeds.js';
import {LiveSession} from '../sessions/live-session.js';
import {Pushes} from '../sessions/pushes.js';
import {SessionPages} from '../sessions/session-pages.js';
import {SessionTable} from '../sessions/session-table.js';
import {changeSettings} from '../sessions/session-writes.js';
import {GateRecords} from '../storage/gate-records.js';
import {Persistence} from '../storage/persistence.js';
import {GateCounters} from './counters.js';
import {GateNode} from './gate-node.js';
import {defaultLimits, type GateLimits, type GateOptions} from './gate-options.js';
import {LocalGate} from './local-gate.js';
import {Router} from './router.js';
import {warmUpOnce} from './warm-up.js';

/** A running gate node. */
export interface Gate {
  /** `<type>@<id>`. */
  readonly nodeId: string;
  readonly address: string;
  readonly tcpPort: number | undefined;
  readonly wsPort: number | undefined;
  /** The gate's functions, called directly instead of over the bus. */
  readonly api: GateApi;
  /** Resolves when another process takes over the id. The gate then stops. */
  readonly superseded: Promise<ConflictError>;
  /**
   * Changes limits of the running gate. Returns the names of limits that need a restart. Per-connection
   * limits apply to new connections only.
   */
  setLimits(limits: Partial<GateLimits>): readonly (keyof GateLimits)[];
  /**
   * Reads the files of `authenticate` again. Rejects with UsageError for an invalid file, and keeps the old content.
   */
  reloadAuthentication(): Promise<void>;
  /**
   * Replaces the certificates for new connections. Throws UsageError for an invalid certificate, and keeps
   * the old one.
   */
  renewCertificates(tls: RenewedCertificates): void;
  /**
   * Leaves the registry, rejects new clients, waits up to `drainMs` (1 s) for running requests, and closes
   * the connections: at once, or evenly within `closeMs` at 500 a second or faster. The caller closes the
   * bus, the registry and the storage. Idempotent.
   */
  stop(options?: StopOptions): Promise<void>;
}

export type RenewedCertificates = Readonly<Partial<Record<'tcp' | 'ws', ListenerTls>>>;

interface StopOptions {
  readonly drainMs?: number | undefined;
  readonly closeMs?: number | undefined;
}

const defaultDrainMs = 1000;
/** How long a superseded gate takes to close its connections; its clients then connect to the new process. */
const supersededCloseMs = 2000;

/** Less than a restart is noticed by, and twice what it takes on an idle processor. */
const defaultWarmUpMs = 1_000;

const {connectionsPerAddress, connectsPerAddressPerSecond, refusalPauseMs} = defaultLimits;
const addressDefaults = {connectionsPerAddress, connectsPerAddressPerSecond, refusalPauseMs};

/** Limits that components copy at start-up. */
const fixedLimits = ['requestTimeoutMs', 'storageTimeoutMs'] as const;

/**
 * Starts a gate. Rejects with UsageError if a name, a certificate or a port can't be used, and with
 * ConflictError if another process uses the id. A failed start releases everything.
 */
export async function startGate(options: GateOptions): Promise<Gate> {
  const {bus, registry, type = 'Gate', now = Date.now, log = () => {}, takeOver} = options;
  const id = nodeIdOf(type, options.id);
  const startedAt = now();
  const address = nodeAddress('gate', id);
  const node = ownNode(registry, {id, type, address, version, subjectPerFunction: true});
  // a random id is not claimed: it is unique
  const claim =
    options.id === undefined ? undefined : await claimNode({bus, registry, node, startedAt, takeOver});
  const calls = outgoingCalls(options, id);
  let running: RunningGate | undefined;
  try {
    const authenticator =
      options.authenticate && (await openAuthenticator(options.authenticate, {...calls, now, log}));
    running = assemble(options, {node, startedAt, claim, calls, authenticator});
    await warmUpOnce(options.warmUpMs ?? defaultWarmUpMs);
    await bus.flush();
    await running.register();
    await running.listen();
    running.serve();
    return running;
  } catch (error) {
    await running?.stop({drainMs: 0});
    calls.caller.close();
    await calls.directory.close();
    claim?.release();
    throw error;
  }
}

interface ClaimedNode {
  readonly node: ClusterNode;
  readonly startedAt: number;
  readonly claim: NodeClaim | undefined;
  readonly calls: OutgoingCalls;
  readonly authenticator: Authenticator | undefined;
}

/** What a gate needs to call modules. */
interface OutgoingCalls {
  readonly replies: ReplyInboxes;
  readonly caller: Caller;
  readonly directory: NodeDirectory;
}

function outgoingCalls(options: GateOptions, nodeId: string): OutgoingCalls {
  const {bus, registry, limits, now = Date.now, log = () => {}} = options;
  const replies = new ReplyInboxes({prefixes: options.replyInboxes, log});
  const timeoutMs = limits?.requestTimeoutMs ?? defaultLimits.requestTimeoutMs;
  return {
    replies,
    caller: new Caller(bus, {caller: nodeId, hostname: hostname(), timeoutMs, now}),
    directory: new NodeDirectory({
      registry,
      inboxes: replies.prefixes,
      now,
      log: (what, error) => log(`${what}: ${error instanceof Error ? error.message : String(error)}`),
    }),
  };
}

function assemble(
  options: GateOptions,
  {node: record, startedAt, claim, calls, authenticator}: ClaimedNode,
): RunningGate {
  const {bus, storage, now = Date.now, log = () => {}} = options;
  const {replies, caller, directory} = calls;
  const {id: nodeId, type, address} = record;
  const limits: GateLimits = {...defaultLimits, ...options.limits};
  const addresses = new AddressLimits(limits, addressDefaults, now);
  const proxies = trustedProxiesOf(options);
  const table = new SessionTable();
  const pageLimitBytes = Math.floor(bus.maxPayloadBytes / 2);
  const counters = new GateCounters();
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
  const {sessionsOverLimit} = options;
  const api = new LocalGate({...parts, pages, records, startedAt, pageLimitBytes, limits, sessionsOverLimit});
  const router = new Router({caller, directory, timeoutMs: limits.requestTimeoutMs});
  const signIns =
    authenticator && new SignIns({authenticate: authenticator.authenticate, addresses, proxies});
  const bind = (sessionId: string, userId: string) => api.bind(sessionId, userId);
  const node = new GateNode({...parts, limits, hooks: options, router, signIns, bind, log});
  const responder = new Responder({
    bus,
    address,
    functionSubjects: [...stockFunctions, ...extensionFunctions],
    serve: serveGate({gate: api, pages: api, type}),
    replies,
  });
  return new RunningGate(options, {
    record,
    claim,
    authenticator,
    limits,
    addresses,
    proxies,
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
    throw new UsageError(`invalid gate name "${part}"`, {
      hint: 'use up to 64 letters, digits, "-" and "_"',
    });
  }
  return `${type}@${id}`;
}

/** Throws UsageError for an invalid range, and for PROXY protocol without trusted proxies. */
function trustedProxiesOf({trustedProxies = [], tcp, ws}: GateOptions): TrustedProxies {
  const speaksProxy = (tcp?.proxyProtocol ?? false) || (ws?.proxyProtocol ?? false);
  if (speaksProxy && trustedProxies.length === 0)
    throw new UsageError('proxyProtocol needs trustedProxies: the addresses of the proxies that connect', {
      hint: 'set "trustedProxies": ["10.0.0.0/8"]',
    });
  return new TrustedProxies(trustedProxies);
}

interface GateParts {
  readonly record: ClusterNode;
  readonly claim: NodeClaim | undefined;
  readonly authenticator: Authenticator | undefined;
  readonly limits: GateLimits;
  readonly addresses: AddressLimits;
  readonly proxies: TrustedProxies;
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
  readonly superseded: Promise<ConflictError>;
  private tcp: RenewableListener | undefined;
  private ws: RenewableListener | undefined;
  private registration: Registration | undefined;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly options: GateOptions,
    private readonly parts: GateParts,
  ) {
    this.nodeId = parts.record.id;
    this.address = parts.record.address;
    this.api = parts.api;
    this.superseded = parts.claim?.lost ?? new Promise(() => {});
  }

  get tcpPort(): number | undefined {
    return this.tcp?.port;
  }

  get wsPort(): number | undefined {
    return this.ws?.port;
  }

  /** Runs before `listen`, because modules must find the gate of every client that they hear of. */
  async register(): Promise<void> {
    const {registry} = this.options;
    this.registration = await registry.register(this.parts.record, () => this.stats(), this.parts.replies);
    const {claim} = this.parts;
    if (claim !== undefined) claim.restore = () => void this.registration?.restore?.();
  }

  /** Marks the claimed id as serving. Throws ConflictError if another process took the id meanwhile. */
  serve(): void {
    this.parts.claim?.serve();
    void this.superseded.then((error) => {
      this.options.log?.(error.message);
      void this.parts.responder.stop(); // the other process answers from now on
      void this.stop({closeMs: supersededCloseMs});
    });
  }

  async listen(): Promise<void> {
    const {tcp, ws} = this.options;
    const {node, limits} = this.parts;
    const accept = (link: ClientLink): void => node.opened(new ClientConnection(link, node));
    const shared = {
      connectTimeoutMs: limits.connectTimeoutMs,
      addresses: this.parts.addresses,
      proxies: this.parts.proxies,
      onRefused: (why: RefusedConnection) => node.refused(why),
    };
    if (tcp !== undefined) this.tcp = await listenTcp({...tcp, ...shared}, accept);
    if (ws !== undefined) this.ws = await listenWebSocket({...ws, ...shared}, accept);
  }

  async reloadAuthentication(): Promise<void> {
    await this.parts.authenticator?.reload();
  }

  renewCertificates({tcp, ws}: RenewedCertificates): void {
    if (tcp !== undefined) this.tcp?.renew(tcp);
    if (ws !== undefined) this.ws?.renew(ws);
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
    const {node, feeds, responder, caller, directory, claim} = this.parts;
    await this.registration?.close().catch(() => {}); // the registry's lease will expire
    claim?.release();
    const closing = [this.tcp?.close(), this.ws?.close()];
    await node.drain(drainMs);
    await node.closeAll(closeMs);
    await Promise.all(closing);
    feeds.stop();
    await responder.stop();
    await node.storeUnsaved(drainMs);
    await directory.close();
    caller.close();
  }

  private stats(): readonly FunctionStats[] {
    const {responder, record} = this.parts;
    const {address} = record;
    return [...stockFunctions, ...extensionFunctions].map((fn) => {
      const {calls, errors} = responder.counts.get(fn) ?? {calls: 0, errors: 0};
      return {name: fn, subject: `${address}.${fn}`, calls, errors};
    });
  }
}
