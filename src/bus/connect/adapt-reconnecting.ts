import type {Auth, NatsConnection} from 'nats';
import type {NatsServerCredentials} from './nats-server-credentials.js';
import type {ServerUrl} from './server-url.js';

const shortestDelayMs = 250;
/** Short enough to reconnect within seconds of the server's return, however long the outage was. */
const longestDelayMs = 1500;
/** A connection that lasted for less time counts as part of the preceding outage. */
const steadyMs = 10_000;

/** Delays between connection attempts: a quarter of the outage so far, within limits and with jitter. */
export class ReconnectBackoff {
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

/** Provides the credentials for the server of the current attempt. */
export interface CurrentServerCredentials {
  answer: (nonce?: string) => Auth;
}

interface ReconnectPlan {
  /** All configured servers, in order. */
  readonly urls: readonly ServerUrl[];
  /** The server of the current connection. */
  readonly first: ServerUrl;
  readonly signIns: NatsServerCredentials;
  /** The authenticator of the connection. */
  readonly current: CurrentServerCredentials;
}

interface Server {
  readonly listen: string;
  gossiped: boolean;
  tlsName: string;
}

/** Internals of the `nats` package. */
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
 * Adapts the reconnecting of the package in three ways. Each configured server gets the credentials for its own URL.
 * If a server closes the connection before the sign-in, the next one is tried immediately. Bytes that are not NATS
 * cause a reconnect; the package would keep a connection that it no longer reads.
 */
export function adaptReconnecting(
  connection: NatsConnection,
  {urls, first, signIns, current}: ReconnectPlan,
): void {
  const {protocol} = connection as unknown as Inside;
  const urlOf = addServers(protocol.servers, urls, first);
  /**
   * Last configured server. Servers learned from the cluster have no credentials of their own and get the ones for
   * this server.
   */
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

/**
 * Disconnects when the parser throws. The package creates a parser per connection, and stops reading when it throws.
 */
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

/** Adds the configured servers after the connected one, in order. Returns a map from each to its URL. */
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
    added.tlsName = ''; // do not inherit the connected server's name
    urlOf.set(added, url);
    const gossipedAt = known.servers.findIndex(({gossiped, listen}) => gossiped && listen === added.listen);
    if (gossipedAt >= 0) known.servers.splice(gossipedAt, 1);
  }
  return urlOf;
}
