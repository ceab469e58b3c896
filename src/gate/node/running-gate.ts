import type {ConflictError} from '../../base/errors.js';
import type {Caller} from '../../bus/rpc/caller.js';
import type {ReplyInboxes} from '../../bus/rpc/reply-inboxes.js';
import type {Responder} from '../../bus/rpc/responder.js';
import type {NodeDirectory} from '../../registry/node-directory.js';
import type {NodeIdClaim} from '../../registry/node-id-claim.js';
import type {ClusterNode, FunctionStats, Registration} from '../../registry/registry.js';
import type {LimitName, ListenerCertificate} from '../../session/gate-admission.js';
import {extensionFunctions, type GateApi, stockFunctions} from '../../session/gate-api.js';
import type {GateServiceState} from '../../session/gate-health.js';
import type {Authenticator} from '../admission/admission.js';
import type {AddressLimits} from '../listen/address-limits.js';
import type {AllowedOrigins} from '../listen/allowed-origins.js';
import type {ClientLink} from '../listen/client-link.js';
import {listenTcp} from '../listen/listen-tcp.js';
import {listenWebSocket} from '../listen/listen-websocket.js';
import type {ListenerTls} from '../listen/listener-options.js';
import type {RenewableListener} from '../listen/renewable-listener.js';
import type {ConnectionRefusalReason} from '../listen/socket-server.js';
import type {TrustedProxies} from '../listen/trusted-proxies.js';
import {ClientConnection} from '../mqtt/client-connection.js';
import type {EventFeeds} from '../sessions/event-feeds.js';
import {type DrainStatus, registryMetadataOfState} from './drain-status.js';
import type {GateNode} from './gate-node.js';
import {type GateLimits, type GateOptions, withDefaultLimits} from './gate-options.js';
import type {ProcessHealthMonitor} from './process-health-monitor.js';

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
   * Changes limits of the running gate. Returns the names of limits that require a restart. Limits per connection
   * apply to new connections only.
   */
  setLimits(limits: Partial<GateLimits>): readonly (keyof GateLimits)[];
  /**
   * Reads the files of `authenticate` again. Rejects with UsageError if one is invalid; the current contents then
   * stay in use.
   */
  reloadAuthentication(): Promise<void>;
  /**
   * Replaces the certificates for new connections. Throws UsageError if one is invalid; the current ones then stay in
   * use.
   */
  renewCertificates(tls: RenewedCertificates): void;
  /**
   * Leaves the registry, rejects new clients, waits up to `drainMs` (1 s) for running requests, and closes the
   * connections: immediately, or at an even rate within `closeMs`, at 500 a second or faster. The caller must close
   * the bus, the registry and the storage. Idempotent.
   */
  stop(options?: StopOptions): Promise<void>;
}

export type RenewedCertificates = Readonly<Partial<Record<'tcp' | 'ws', ListenerTls>>>;

interface StopOptions {
  readonly drainMs?: number | undefined;
  readonly closeMs?: number | undefined;
}

const defaultDrainMs = 1000;
/** How long a superseded gate takes to close its connections. Its clients then connect to the new process. */
const supersededCloseMs = 2000;

/** Limits that are copied at start-up and so can't be changed. */
const fixedLimits = ['requestTimeoutMs', 'storageTimeoutMs'] as const;

interface GateParts {
  readonly record: ClusterNode;
  readonly claim: NodeIdClaim | undefined;
  readonly authenticator: Authenticator | undefined;
  readonly limits: GateLimits;
  readonly addresses: AddressLimits;
  readonly proxies: TrustedProxies;
  readonly origins: AllowedOrigins;
  readonly api: GateApi;
  readonly node: GateNode;
  readonly drain: DrainStatus;
  readonly health: ProcessHealthMonitor;
  readonly feeds: EventFeeds;
  readonly responder: Responder;
  readonly replies: ReplyInboxes;
  readonly caller: Caller;
  readonly directory: NodeDirectory;
}

export class RunningGate implements Gate {
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

  get certificates(): readonly ListenerCertificate[] {
    const listeners = {tcp: this.tcp, ws: this.ws};
    return (['tcp', 'ws'] as const).flatMap((listener) => {
      const inUse = listeners[listener]?.certificate();
      return inUse === undefined ? [] : [{listener, ...inUse}];
    });
  }

  /** Registers the gate. Must run before `listen`, because modules must be able to find the gate of each client. */
  async register(): Promise<void> {
    const {registry} = this.options;
    this.registration = await registry.register(this.parts.record, () => this.stats(), this.parts.replies);
    const {claim, drain} = this.parts;
    drain.onChange = (state) => this.announce(state);
    if (claim !== undefined) claim.restore = () => void this.registration?.restore?.();
  }

  private announce(state: GateServiceState): void {
    void this.registration?.update({...this.parts.record.metadata, ...registryMetadataOfState(state)});
    this.options.log?.(
      state === 'draining' ? 'draining: new sessions are refused' : 'resumed: new sessions are accepted',
    );
  }

  /** Marks the claimed id as serving. Throws ConflictError if another process took the id meanwhile. */
  serve(): void {
    this.parts.health.restart();
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
      origins: this.parts.origins,
      onRefused: (why: ConnectionRefusalReason, limit: LimitName) => node.refused(why, limit),
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
    const wanted: {-readonly [name in keyof GateLimits]: number} = withDefaultLimits(limits);
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
    const {node, health, feeds, responder, caller, directory, claim} = this.parts;
    await this.registration?.close().catch(() => {}); // unreachable: the registration expires
    claim?.release();
    const closing = [this.tcp?.close(), this.ws?.close()];
    await node.drain(drainMs);
    await node.closeAll(closeMs);
    await node.drain(drainMs); // for the wills of the closed connections
    await Promise.all(closing);
    feeds.stop();
    health.stop();
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
