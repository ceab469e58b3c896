import type {ConnectionState} from './connection-state.js';

/**
 * A map from strings to strings with untrusted keys. Created by `stringBag`, so that `__proto__` is an ordinary key.
 */
export type StringBag = Readonly<Record<string, string>>;

/**
 * A client connection as described by its gate: mqant's `basegate.sessionImp`, field by field. Only the gate has the
 * current state; all other copies may be stale.
 */
export interface Session {
  /**
   * `ip:port` for TCP; for WebSocket the address alone (the first non-private entry of X-Forwarded-For), which
   * clients can forge.
   */
  readonly ip: string;
  /** `tcp` or `websocket`. */
  readonly network: string;
  /** Empty for a guest. */
  readonly userId: string;
  readonly sessionId: string;
  /** Node id of the session's gate: `<type>@<id>`. */
  readonly serverId: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly settings: StringBag;
  readonly carrier: StringBag;
  /** Topic of the client's request that contained this copy. */
  readonly topic: string;
  /** Unknown protobuf fields as received. Encoding writes them back unchanged. */
  readonly unknownFields?: Uint8Array | undefined;
}

/** A session with its times and counters, as in a listing. Times are Unix milliseconds by the gate's clock. */
export interface SessionRow {
  readonly session: Session;
  readonly connectedAt: number;
  readonly lastActiveAt: number;
  /** Number of MQTT packets with a body, received from and sent to the client. */
  readonly received: number;
  readonly sent: number;
  /** Why `session` is incomplete: mqant can't serialize it, or it exceeds the page size. */
  readonly fault?: string | undefined;
  /** Present in replies to GatectlConnections. */
  readonly connectionState?: ConnectionState | undefined;
}

/** A row with the time when it was read, by the gate's clock; undefined if the gate doesn't report it. */
export interface ObservedSessionRow extends SessionRow {
  readonly observedAt?: number | undefined;
}

function Bag(this: Record<string, string>): void {}
Bag.prototype = Object.create(null);

/**
 * Creates a map for untrusted keys. A constructor whose prototype is null keeps V8's fast object mode, which
 * `Object.create(null)` loses, and has no `__proto__` accessor that could be abused.
 */
export function stringBag(entries?: Iterable<readonly [string, string]>): Record<string, string> {
  const bag = new (Bag as unknown as new () => Record<string, string>)();
  if (entries !== undefined) for (const [key, value] of entries) bag[key] = value;
  return bag;
}

export const emptyStringBag: StringBag = Object.freeze(stringBag());

/** Creates a session. Fields that are not given are empty. */
export function newSession(fields: Partial<Session> = {}): Session {
  return {
    ip: '',
    network: '',
    userId: '',
    sessionId: '',
    serverId: '',
    traceId: '',
    spanId: '',
    settings: emptyStringBag,
    carrier: emptyStringBag,
    topic: '',
    ...fields,
  };
}

export type GuestRule = (session: Session) => boolean;

/** mqant's default rule: a guest is a session without a user id. */
export const defaultGuestRule: GuestRule = (session) => session.userId === '';

let processRule: GuestRule = defaultGuestRule;

/**
 * Sets the guest rule of this process, which gates and modules without their own rule use. Corresponds to mqant's
 * `gate.JudgeGuest`.
 */
export function setGuestRule(rule: GuestRule | undefined): void {
  processRule = rule ?? defaultGuestRule;
}

/** Returns true if a session is a guest by the given rule, or else by the rule of this process. */
export function isGuest(session: Session, rule: GuestRule = processRule): boolean {
  return rule(session);
}
