import type {ConnectionState} from './connection-state.js';

/** A string map with untrusted keys. `stringBag` makes it, so that `__proto__` is an ordinary key. */
export type StringBag = Readonly<Record<string, string>>;

/**
 * One client connection as its gate describes it: mqant's `basegate.sessionImp`, field by field. The gate is the
 * only authority; every other holder has a copy that may be stale.
 */
export interface Session {
  /** `ip:port` on TCP, the bare address on WebSocket (first non-private X-Forwarded-For entry): spoofable. */
  readonly ip: string;
  /** `tcp` or `websocket`. */
  readonly network: string;
  /** Empty for a guest. */
  readonly userId: string;
  readonly sessionId: string;
  /** Node id of the gate that holds the connection, `<type>@<id>`. */
  readonly serverId: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly settings: StringBag;
  readonly carrier: StringBag;
  /** Topic of the client request that carried this copy. */
  readonly topic: string;
  /** Unknown protobuf fields as read from the wire; encoding writes them back unchanged. */
  readonly unknownFields?: Uint8Array | undefined;
}

/** A session with its times and counters, as a listing returns it. Times are Unix milliseconds by the gate's clock. */
export interface SessionRow {
  readonly session: Session;
  readonly connectedAt: number;
  readonly lastActiveAt: number;
  /** MQTT packets with a body received from, and sent to, the client. */
  readonly received: number;
  readonly sent: number;
  /** Reason why `session` is incomplete: mqant can't serialize it, or it exceeds the page size. */
  readonly fault?: string | undefined;
  /** Present in replies to GatectlConnections. */
  readonly connectionState?: ConnectionState | undefined;
}

/** A row with the time of observation by the gate's clock; absent when the gate doesn't report it. */
export interface ObservedRow extends SessionRow {
  readonly observedAt?: number | undefined;
}

function Bag(this: Record<string, string>): void {}
Bag.prototype = Object.create(null);

/**
 * Creates a map for untrusted keys. A constructor with a null prototype keeps V8's fast object mode, which
 * `Object.create(null)` loses, and has no `__proto__` accessor to pollute.
 */
export function stringBag(entries?: Iterable<readonly [string, string]>): Record<string, string> {
  const bag = new (Bag as unknown as new () => Record<string, string>)();
  if (entries !== undefined) for (const [key, value] of entries) bag[key] = value;
  return bag;
}

export const emptyBag: StringBag = Object.freeze(stringBag());

/** Creates a session; fields that are not given are empty. */
export function newSession(fields: Partial<Session> = {}): Session {
  return {
    ip: '',
    network: '',
    userId: '',
    sessionId: '',
    serverId: '',
    traceId: '',
    spanId: '',
    settings: emptyBag,
    carrier: emptyBag,
    topic: '',
    ...fields,
  };
}

export type GuestRule = (session: Session) => boolean;

/** mqant's default rule: a guest is a session without a user id. */
export const defaultGuestRule: GuestRule = (session) => session.userId === '';

let processRule: GuestRule = defaultGuestRule;

/** Sets the guest rule of this process, for gates and modules without a rule of their own: mqant's `gate.JudgeGuest`. */
export function setGuestRule(rule: GuestRule | undefined): void {
  processRule = rule ?? defaultGuestRule;
}

/** Applies the given guest rule, or the process's rule. */
export function isGuest(session: Session, rule: GuestRule = processRule): boolean {
  return rule(session);
}
