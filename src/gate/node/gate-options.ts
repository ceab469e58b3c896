import {UsageError} from '../../base/errors.js';
import type {Bus} from '../../bus/bus.js';
import type {Registry} from '../../registry/registry.js';
import type {Session} from '../../session/session.js';
import type {RecordStore, StorageHandler} from '../../storage/storage-handler.js';
import type {Authenticate} from '../admission/admission.js';
import type {AuthenticationConfig} from '../admission/authentication-config.js';
import type {ListenerOptions} from '../listen/listener-options.js';

export interface GateLimits {
  /**
   * Maximum size of an MQTT packet from a client, in bytes, with its fixed header. A larger one closes the connection
   * as soon as its header arrives.
   */
  readonly maxPacketBytes: number;
  /** Timeout for a complete CONNECT, however slowly its bytes arrive. */
  readonly connectTimeoutMs: number;
  /** Maximum keep-alive in seconds. Clients that ask for more, or for none, get this. 0 for no limit. */
  readonly maxKeepAliveSeconds: number;
  /**
   * Maximum size of a client's send queue, in bytes. A client that exceeds it by reading too slowly is disconnected.
   */
  readonly queueBytes: number;
  /** Maximum number of sessions. Further clients are refused with "server unavailable". */
  readonly maxSessions: number;
  /**
   * Maximum number of connections per client address, or per IPv6 /64; 0 for no limit. The default does not apply to
   * loopback.
   */
  readonly connectionsPerAddress: number;
  /**
   * Maximum number of new connections per client address and second, with a burst of the same size; 0 for no limit.
   * The default does not apply to loopback.
   */
  readonly connectsPerAddressPerSecond: number;
  /**
   * Maximum pause before the next sign-in from an address that was refused often; 0 for no pause. The default does not
   * apply to loopback.
   */
  readonly refusalPauseMs: number;
  /** Maximum number of sessions of one user on this gate; 0 for no limit. `sessionsOverLimit` applies above it. */
  readonly sessionsPerUser: number;
  /**
   * Maximum number of unacknowledged QoS 1 messages per client, at most 65,535. A lower Receive Maximum of the client
   * takes precedence.
   */
  readonly unacknowledgedPerClient: number;
  /** Maximum number of concurrent requests per client. Further requests get the reply "the work queue is full!". */
  readonly requestsPerClient: number;
  /** Maximum number of MQTT messages per second from a client, with a burst of the same size; 0 for no limit. */
  readonly messagesPerSecond: number;
  /** Timeout for a client's request to a module. */
  readonly requestTimeoutMs: number;
  /** Timeout for a call to the storage handler. */
  readonly storageTimeoutMs: number;
  /** Minimum interval between the heartbeats that client activity sends to the storage handler. */
  readonly heartbeatMs: number;
}

/** mqant's values, where mqant has such a limit (gate/options.go at v1.5.3). */
export const defaultLimits: GateLimits = {
  maxPacketBytes: 65_539, // mqant counts without the fixed header, which has 4 bytes here
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

const maxTimerMs = 2 ** 31 - 1;
const atLeastOne = {min: 1, max: Number.MAX_SAFE_INTEGER};
const orNone = {min: 0, max: Number.MAX_SAFE_INTEGER};
const milliseconds = {min: 1, max: maxTimerMs};

/** Smallest and largest values. 0 disables a limit. The largest are those of MQTT and of Node's timers. */
const limitRanges: Readonly<Record<keyof GateLimits, {readonly min: number; readonly max: number}>> = {
  maxPacketBytes: {min: 1, max: 2 ** 28 + 4},
  connectTimeoutMs: milliseconds,
  maxKeepAliveSeconds: {min: 0, max: 65_535},
  queueBytes: atLeastOne,
  maxSessions: atLeastOne,
  connectionsPerAddress: orNone,
  connectsPerAddressPerSecond: orNone,
  refusalPauseMs: {min: 0, max: maxTimerMs},
  sessionsPerUser: orNone,
  unacknowledgedPerClient: {min: 1, max: 65_535},
  requestsPerClient: atLeastOne,
  messagesPerSecond: orNone,
  requestTimeoutMs: milliseconds,
  storageTimeoutMs: milliseconds,
  heartbeatMs: atLeastOne,
};

/** Returns the limits if each is known and in its range. Throws UsageError. */
export function checkedLimits(limits: Readonly<Record<string, unknown>>): Partial<GateLimits> {
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(limitRanges, name))
      throw new UsageError(`unknown limit "limits.${name}"`, {
        hint: `valid limits: ${Object.keys(limitRanges).join(', ')}`,
      });
    const {min, max} = limitRanges[name as keyof GateLimits];
    if (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max) continue;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new UsageError(`invalid limits.${name} ${JSON.stringify(value)}: expected a whole number ${range}`);
  }
  return limits as Partial<GateLimits>;
}

/** Completes limits with the default ones. Throws UsageError for an invalid limit. */
export function withDefaultLimits(own: Partial<GateLimits> = {}): GateLimits {
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return {...defaultLimits, ...checkedLimits(given)};
}

/**
 * Handles a client's message. Resolves with the reply, which is published to the client on the topic of its request;
 * undefined for no reply.
 */
export type RouteHandler = (
  session: Session,
  topic: string,
  body: Uint8Array,
) => Promise<Uint8Array | undefined>;

/** Hooks of the embedding program. They must not block; a promise delays only one client. */
export interface GateHooks {
  /**
   * Decides who may connect: a function, or one of the methods in a gate config. By default every client is accepted,
   * as in mqant. False refuses the client with CONNACK "not authorized". An Admission may bind the session, give it
   * settings, or choose another refusal.
   */
  readonly authenticate?: Authenticate | AuthenticationConfig | undefined;
  readonly onConnected?: ((session: Session) => void) | undefined;
  readonly onDisconnected?: ((session: Session, reason: string) => void) | undefined;
  /** Changes the body of every push. Throwing rejects the push. */
  readonly beforeSend?: ((session: Session, topic: string, body: Uint8Array) => Uint8Array) | undefined;
  /** Replaces the routing of clients' messages to modules. */
  readonly route?: RouteHandler | undefined;
  /**
   * What to do if a second connection has the same client id. `allow` keeps both, as in mqant, where clients often
   * share an id; `take-over` closes the first, as MQTT requires.
   */
  readonly sameClientId?: SameClientIdRule | undefined;
  /**
   * What to do with wills. `publish` (default) routes them to modules like messages, and refuses an MQTT 5 client
   * whose will has a topic that is not of a module; `refuse` refuses clients with a will; `ignore` drops wills, as in
   * mqant.
   */
  readonly will?: WillRule | undefined;
  /** What to do if a user already has `sessionsPerUser` sessions: close the oldest (default) or refuse the bind. */
  readonly sessionsOverLimit?: OverLimitRule | undefined;
}

export const sameClientIdRules = ['allow', 'take-over'] as const;
export type SameClientIdRule = (typeof sameClientIdRules)[number];

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
  /** Starts even if another process uses the id, and stops that process. */
  readonly takeOver?: boolean | undefined;
  readonly tcp?: ListenerOptions | undefined;
  readonly ws?: ListenerOptions | undefined;
  /**
   * Addresses and CIDR ranges of proxies that may report a client's address with X-Forwarded-For, Forwarded or the
   * PROXY protocol. None by default; mqant trusts X-Forwarded-For from any client.
   */
  readonly trustedProxies?: readonly string[] | undefined;
  /**
   * Origins of the web pages that may open a WebSocket, such as `https://game.example.com`; any by default, as in
   * mqant. Clients that are not browsers send no origin, and are always accepted.
   */
  readonly origins?: readonly string[] | undefined;
  readonly storage?: StorageHandler | RecordStore | undefined;
  readonly limits?: Partial<GateLimits> | undefined;
  /**
   * Maximum processor time of the warm-up in milliseconds (1,000): the gate serves synthetic clients on a loopback port
   * before it listens, so that its code is compiled when real clients connect. By the clock it takes at most one and a
   * half times as long. Only the first gate in a process does so, until the rate no longer rises; 0 skips it.
   */
  readonly warmUpMs?: number | undefined;
  /** Prefixes of allowed reply inboxes. By default `_INBOX`, and `_INBOX_<role>` for each role. */
  readonly replyInboxes?: readonly string[] | undefined;
  /** Called with one line at a time. Remote text in it is JSON-quoted. */
  readonly log?: ((line: string) => void) | undefined;
  readonly now?: (() => number) | undefined;
}
