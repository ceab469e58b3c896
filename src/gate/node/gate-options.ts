import type {Bus} from '../../bus/bus.js';
import type {Registry} from '../../registry/registry.js';
import type {Session} from '../../session/session.js';
import type {RecordStore, StorageHandler} from '../../storage/storage-handler.js';
import type {ClientCertificate} from '../listen/tls.js';

export interface ListenerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** A listener with a bad certificate does not start; it never falls back to plain text. */
  readonly tls?: ListenerTls | undefined;
  /**
   * Every connection begins with a PROXY protocol header, version 1 or 2, of a trusted proxy; any other connection is
   * closed. Needs `trustedProxies`.
   */
  readonly proxyProtocol?: boolean | undefined;
}

/** A certificate and its key, as PEM texts. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

export const tlsVersions = ['TLSv1.2', 'TLSv1.3'] as const;

export interface ListenerTls extends CertificatePair {
  /** PEM text of the authorities that sign client certificates; clients are asked for one when it is given. */
  readonly ca?: string | undefined;
  /** Refuses clients without a certificate that `ca` signed. */
  readonly requireCertificate?: boolean | undefined;
  /** TLSv1.2 by default. */
  readonly minVersion?: (typeof tlsVersions)[number] | undefined;
  /** Certificates for other server names (SNI): `game.example.com` or `*.example.com`. */
  readonly names?: Readonly<Record<string, CertificatePair>> | undefined;
}

export interface GateLimits {
  /** Largest MQTT packet that a client may send; a larger one closes the connection at its fixed header. */
  readonly maxPacketBytes: number;
  /** A connection without a complete CONNECT is closed after so long, however its bytes trickle. */
  readonly connectTimeoutMs: number;
  /** Longest keep-alive in seconds; a client that asks for more, or for none, gets this. 0 leaves it to the client. */
  readonly maxKeepAliveSeconds: number;
  /** A client that does not read is closed when more than this waits for it. */
  readonly queueBytes: number;
  /** Connections with a session; the next one is told that the server is unavailable. */
  readonly maxSessions: number;
  /** Connections of one client address, or of one IPv6 /64; 0 is no limit. Loopback has none by default. */
  readonly connectionsPerAddress: number;
  /** New connections of one client address a second, with a burst of the same size; 0 is no limit. */
  readonly connectsPerAddressPerSecond: number;
  /** Requests of one client that are under way at once; one more is answered "the work queue is full!". */
  readonly requestsPerClient: number;
  /** MQTT messages that one client may publish per second on average, with a burst of the same size; 0 is no limit. */
  readonly messagesPerSecond: number;
  /** Deadline of a client's request to a module. */
  readonly requestTimeoutMs: number;
  /** Deadline of one call to the storage handler. */
  readonly storageTimeoutMs: number;
  /** Client activity reaches the storage handler's heartbeat at most once in this time. */
  readonly heartbeatMs: number;
}

/** mqant's figures where it has them (gate/options.go at v1.5.3). */
export const defaultLimits: GateLimits = {
  maxPacketBytes: 65_535,
  connectTimeoutMs: 10_000,
  maxKeepAliveSeconds: 0,
  queueBytes: 1024 * 1024,
  maxSessions: 1_000_000,
  connectionsPerAddress: 1_000,
  connectsPerAddressPerSecond: 100,
  requestsPerClient: 20,
  messagesPerSecond: 0,
  requestTimeoutMs: 10_000,
  storageTimeoutMs: 2_000,
  heartbeatMs: 60_000,
};

/** What a client says of itself in CONNECT. */
export interface ConnectingClient {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly ip: string;
  readonly network: string;
  readonly userAgent: string | undefined;
  /** The certificate that the client showed and `ca` of the listener signed. */
  readonly certificate: ClientCertificate | undefined;
}

/** The answer of a replaced route: what goes back to the client on the topic of its request; undefined for nothing. */
export type RouteHandler = (
  session: Session,
  topic: string,
  body: Uint8Array,
) => Promise<Uint8Array | undefined>;

/** Hooks of an embedding program. None may block: what they await holds up one client only. */
export interface GateHooks {
  /** False refuses the connection with CONNACK "not authorized". mqant takes everybody. */
  readonly authenticate?: ((client: ConnectingClient) => boolean | Promise<boolean>) | undefined;
  readonly onConnected?: ((session: Session) => void) | undefined;
  readonly onDisconnected?: ((session: Session, reason: string) => void) | undefined;
  /** Rewrites the body of every push, or vetoes it by throwing. */
  readonly beforeSend?: ((session: Session, topic: string, body: Uint8Array) => Uint8Array) | undefined;
  /** Replaces the routing of client publishes to modules. */
  readonly route?: RouteHandler | undefined;
  /**
   * What a connection means for another one with the same client id: nothing (`allow`, as in mqant, whose clients often
   * share one), or its end (`take-over`, as MQTT has it).
   */
  readonly sameClientId?: SameClientId | undefined;
}

export const sameClientIds = ['allow', 'take-over'] as const;
export type SameClientId = (typeof sameClientIds)[number];

export interface GateOptions extends GateHooks {
  readonly bus: Bus;
  readonly registry: Registry;
  /** Node type; clients of the cluster look for it. */
  readonly type?: string | undefined;
  /** The part after `@`; random when absent, as in mqant. */
  readonly id?: string | undefined;
  /** Starts although another process answers under the id, and has that one stop. */
  readonly takeOver?: boolean | undefined;
  readonly tcp?: ListenerOptions | undefined;
  readonly ws?: ListenerOptions | undefined;
  /**
   * Addresses and CIDR ranges of proxies that may name a client's address: by X-Forwarded-For, Forwarded, or the PROXY
   * protocol. By default nobody may. mqant believes X-Forwarded-For from anybody.
   */
  readonly trustedProxies?: readonly string[] | undefined;
  readonly storage?: StorageHandler | RecordStore | undefined;
  readonly limits?: Partial<GateLimits> | undefined;
  /** Subject prefixes that callers may name their inboxes under; NATS inboxes and those of the roles when not given. */
  readonly replyInboxes?: readonly string[] | undefined;
  /** One line at a time; remote text in it is JSON-quoted. */
  readonly log?: ((line: string) => void) | undefined;
  readonly now?: (() => number) | undefined;
}
