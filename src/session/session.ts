/** A string map whose keys come from the network. Made by `stringBag`, so `__proto__` is a key like any other. */
export type StringBag = Readonly<Record<string, string>>;

/**
 * One client connection as its gate describes it: mqant's `basegate.sessionImp`, field by field. Only the gate
 * is the authority; everywhere else this is a copy with an age.
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
  /** Topic of the client request that this copy travelled with. */
  readonly topic: string;
  /** Fields of newer writers, as they stood on the wire; re-encoded as they are. */
  readonly unknownFields?: Uint8Array | undefined;
}

/** What a gate that can list knows beside the session. Times are Unix milliseconds by the gate's own clock. */
export interface SessionRow {
  readonly session: Session;
  readonly connectedAt: number;
  readonly lastActiveAt: number;
  /** MQTT packets with a body received from, and sent to, the client. */
  readonly received: number;
  readonly sent: number;
  /** Why `session` is not all of it: mqant cannot serialize it, or it is larger than a page. */
  readonly fault?: string | undefined;
}

/** A row, and when the gate gave it by the clock that its times are of; absent where it does not say. */
export interface ObservedRow extends SessionRow {
  readonly observedAt?: number | undefined;
}

function Bag(this: Record<string, string>): void {}
Bag.prototype = Object.create(null);

/**
 * An empty map for remote keys. A constructor with a null prototype keeps V8's fast object mode, which
 * `Object.create(null)` loses, and has no `__proto__` accessor to pollute.
 */
export function stringBag(entries?: Iterable<readonly [string, string]>): Record<string, string> {
  const bag = new (Bag as unknown as new () => Record<string, string>)();
  if (entries !== undefined) for (const [key, value] of entries) bag[key] = value;
  return bag;
}

export const emptyBag: StringBag = Object.freeze(stringBag());

/** A session with every field empty but those given. */
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

/** mqant's `gate.JudgeGuest`: the rule of this process, for gates and modules that have none of their own. */
export function setGuestRule(rule: GuestRule | undefined): void {
  processRule = rule ?? defaultGuestRule;
}

/** By the rule that is given, else by that of the process. */
export function isGuest(session: Session, rule: GuestRule = processRule): boolean {
  return rule(session);
}
