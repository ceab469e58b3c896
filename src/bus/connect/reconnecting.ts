import type {Auth, NatsConnection} from 'nats';
import type {SignIns} from './nats-sign-in.js';
import type {ServerUrl} from './server-url.js';

const shortestDelayMs = 250;
/** Small enough that a connection is back within some seconds of its server, however long the outage was. */
const longestDelayMs = 1500;
/** A connection that lived for less counts as part of the outage before it. */
const steadyMs = 10_000;

/** How long to wait between attempts: a quarter of the outage so far, within bounds, and jittered. */
export class Backoff {
  private lostAt: number;
  private connectedAt: number;

  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly random: () => number = Math.random,
  ) {
    this.lostAt = now();
    this.connectedAt = this.lostAt;
  }

  lost(): void {
    if (this.now() - this.connectedAt >= steadyMs) this.lostAt = this.now();
  }

  connected(): void {
    this.connectedAt = this.now();
  }

  delayMs(): number {
    const delay = Math.max(shortestDelayMs, Math.min(longestDelayMs, (this.now() - this.lostAt) / 4));
    return Math.round(delay * (0.75 + this.random() / 2));
  }
}

/** Answers the sign-in of the server that is being connected to. */
export interface ServerSignIn {
  answer: (nonce?: string) => Auth;
}

export interface ReconnectPlan {
  /** All that were configured, in order. */
  readonly urls: readonly ServerUrl[];
  /** The one that is connected. */
  readonly first: ServerUrl;
  readonly signIns: SignIns;
  /** What the connection asks for its sign-in. */
  readonly current: ServerSignIn;
}

interface Server {
  readonly listen: string;
  gossiped: boolean;
  tlsName: string;
}

/** What the package keeps to itself. */
interface Inside {
  readonly protocol: {
    readonly servers: {
      readonly servers: Server[];
      getCurrentServer(): Server;
      addServer(address: string, isGossiped: boolean): void;
    };
    readonly transport: {closed(): Promise<unknown>; disconnect(): void};
    readonly parser: {parse(bytes: Uint8Array): void};
    connectError: ((error: Error) => void) | undefined;
    prepare(): Promise<void>;
  };
}

/**
 * Makes the package reconnect as we need it: to every configured server with the sign-in of its own URL; to the next one
 * at once when a server closes the connection before it has let us in; and after bytes that are not NATS, which would
 * leave it with a connection that nobody reads.
 */
export function keepReconnecting(
  connection: NatsConnection,
  {urls, first, signIns, current}: ReconnectPlan,
): void {
  const {protocol} = connection as unknown as Inside;
  const urlOf = addServers(protocol.servers, urls, first);
  /** A server that the cluster told of has no credentials: it gets those that were used with whoever told of it. */
  let last = first;
  current.answer = (nonce) => {
    last = urlOf.get(protocol.servers.getCurrentServer()) ?? last;
    return signIns.answer(last, nonce);
  };
  const prepare = protocol.prepare.bind(protocol);
  protocol.prepare = () => {
    const ready = prepare();
    const {connectError, transport} = protocol;
    void transport.closed().then(() => connectError?.(new Error('the server closed the connection')));
    guardParser(protocol);
    return ready;
  };
  guardParser(protocol);
}

/** The package makes a new parser for each connection, and stops reading when it throws. */
function guardParser({parser, transport}: Inside['protocol']): void {
  const parse = parser.parse.bind(parser);
  parser.parse = (bytes) => {
    try {
      parse(bytes);
    } catch {
      transport.disconnect();
    }
  };
}

/** Adds the servers after the connected one, in their order. Resolves which URL each of them is of. */
function addServers(
  known: Inside['protocol']['servers'],
  urls: readonly ServerUrl[],
  first: ServerUrl,
): ReadonlyMap<Server, ServerUrl> {
  const urlOf = new Map([[known.getCurrentServer(), first]]);
  const at = urls.indexOf(first);
  for (const url of [...urls.slice(at + 1), ...urls.slice(0, at)]) {
    known.addServer(url.address, false);
    const added = known.servers.at(-1);
    if (added === undefined) continue;
    added.tlsName = ''; // that of the connected server is not its own
    urlOf.set(added, url);
    const told = known.servers.findIndex(({gossiped, listen}) => gossiped && listen === added.listen);
    if (told >= 0) known.servers.splice(told, 1);
  }
  return urlOf;
}
