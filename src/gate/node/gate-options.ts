import type {Bus} from '../../bus/bus.js';
import type {Registry} from '../../registry/registry.js';
import type {Session} from '../../session/session.js';
import type {RecordStore, StorageHandler} from '../../storage/storage-handler.js';
import type {Authenticate} from '../admission/admission.js';
import type {AuthenticationConfig} from '../admission/authentication-config.js';
import type {ListenerOptions} from '../listen/listener-options.js';

export interface GateLimits {
  /**
   * Largest MQTT packet of a client, in bytes. A larger one closes the connection as soon as its header
   * arrives.
   */
  readonly maxPacketBytes: number;
  /** A connection must send a complete CONNECT within this time, however slowly its bytes arrive. */
  readonly connectTimeoutMs: number;
  /** Longest keep-alive in seconds. Clients that ask for more, or for none, get this. 0 sets no limit. */
  readonly maxKeepAliveSeconds: number;
  /**
   * Largest send queue of a client. A client that exceeds it, because it reads too slowly, is disconnected.
   */
  readonly queueBytes: number;
  /** Highest number of sessions. Further clients are refused with "server unavailable". */
  readonly maxSessions: number;
  /** Connections per client address, or per IPv6 /64; 0 sets no limit. Loopback has none by default. */
  readonly connectionsPerAddress: number;
  /** New connections per client address and second, with a burst of the same size; 0 sets no limit. */
  readonly connectsPerAddressPerSecond: number;
  /** Longest pause before the next sign-in of an address that was refused often; 0 for none. None on loopback by default. */
  readonly refusalPauseMs: number;
  /** Sessions of one user on this gate; 0 for no limit. `sessionsOverLimit` applies above it. */
  readonly sessionsPerUser: number;
  /** QoS 1 messages that a client may have unacknowledged, at most 65,535; its Receive Maximum if that is lower. */
  readonly unacknowledgedPerClient: number;
  /** Concurrent requests per client. Further requests get the reply "the work queue is full!". */
  readonly requestsPerClient: number;
  /** MQTT messages per second that a client may publish, with a burst of the same size; 0 sets no limit. */
  readonly messagesPerSecond: number;
  /** Timeout of a client's request to a module. */
  readonly requestTimeoutMs: number;
  /** Timeout of a call to the storage handler. */
  readonly storageTimeoutMs: number;
  /** Shortest interval between two heartbeats that client activity sends to the storage handler. */
  readonly heartbeatMs: number;
}

/** mqant's values where it has them (gate/options.go at v1.5.3). */
export const defaultLimits: GateLimits = {
  maxPacketBytes: 65_535,
  connectTimeoutMs: 10_000,
  maxKeepAliveSeconds: 0,
  queueBytes: 1024 * 1024,
  maxSessions: 1_000_000,
  connectionsPerAddress: 1_000,
  connectsPerAddressPerSecond: 100,
  refusalPauseMs: 8_000,
  sessionsPerUser: 0,
  unacknowledgedPerClient: 20,
  requestsPerClient: 20,
  messagesPerSecond: 0,
  requestTimeoutMs: 10_000,
  storageTimeoutMs: 2_000,
  heartbeatMs: 60_000,
};

/** The reply of a custom route, published to the client on the topic of its request; undefined for none. */
export type RouteHandler = (
  session: Session,
  topic: string,
  body: Uint8Array,
) => Promise<Uint8Array | undefined>;

/** Hooks of the embedding program. They must not block; awaiting delays one client only. */
export interface GateHooks {
  /**
   * Decides who may connect: a function, or one of the ways of a gate config. By default, as in mqant, every client is
   * accepted. False refuses with CONNACK "not authorized"; an Admission may bind the session, give it settings and name
   * another refusal.
   */
  readonly authenticate?: Authenticate | AuthenticationConfig | undefined;
  readonly onConnected?: ((session: Session) => void) | undefined;
  readonly onDisconnected?: ((session: Session, reason: string) => void) | undefined;
  /** Changes the body of every push, or rejects the push by throwing. */
  readonly beforeSend?: ((session: Session, topic: string, body: Uint8Array) => Uint8Array) | undefined;
  /** Replaces the routing of clients' messages to modules. */
  readonly route?: RouteHandler | undefined;
  /**
   * Effect of a second connection with the same client id: `allow` keeps both, as in mqant, where clients
   * often share an id; `take-over` closes the first, as MQTT demands.
   */
  readonly sameClientId?: SameClientId | undefined;
  /**
   * Wills of clients: `publish` (default) routes them to modules like messages, and refuses MQTT 5 clients whose will has
   * a topic of no module; `refuse` refuses clients with a will; `ignore` drops wills, as in mqant.
   */
  readonly will?: WillRule | undefined;
  /** When a user has `sessionsPerUser` sessions already: the oldest is closed (default), or the bind is refused. */
  readonly sessionsOverLimit?: OverLimitRule | undefined;
}

export const sameClientIds = ['allow', 'take-over'] as const;
export type SameClientId = (typeof sameClientIds)[number];

export const willRules = ['publish', 'refuse', 'ignore'] as const;
export type WillRule = (typeof willRules)[number];

export const overLimitRules = ['close-older', 'refuse'] as const;
export type OverLimitRule = (typeof overLimitRules)[number];

export interface GateOptions extends GateHooks {
  readonly bus: Bus;
  readonly registry: Registry;
  /** Node type, by which modules and clients find the gate. */
  readonly type?: string | undefined;
  /** The part of the node id after `@`; random by default, as in mqant. */
  readonly id?: string | undefined;
  /** Starts even if another process uses the id, and makes that process stop. */
  readonly takeOver?: boolean | undefined;
  readonly tcp?: ListenerOptions | undefined;
  readonly ws?: ListenerOptions | undefined;
  /**
   * Addresses and CIDR ranges of proxies that may name a client's address, by X-Forwarded-For, Forwarded or
   * the PROXY protocol. None by default. mqant trusts X-Forwarded-For from any client.
   */
  readonly trustedProxies?: readonly string[] | undefined;
  readonly storage?: StorageHandler | RecordStore | undefined;
  readonly limits?: Partial<GateLimits> | undefined;
  /**
   * Longest time that the gate runs synthetic clients in memory before it listens, so that its code is compiled when the
   * first real clients come (1,000). The first gate of a process does it, until their rate is level; 0 skips it.
   */
  readonly warmUpMs?: number | undefined;
  /** Subject prefixes allowed for callers' reply inboxes. Default: `_INBOX`, and `_INBOX_<role>` for each role. */
  readonly replyInboxes?: readonly string[] | undefined;
  /** Called with one line at a time. Remote text in it is JSON-quoted. */
  readonly log?: ((line: string) => void) | undefined;
  readonly now?: (() => number) | undefined;
}
