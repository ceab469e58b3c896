import {randomBytes} from 'node:crypto';
import {type AddressInfo, createServer, type Server, type Socket} from 'node:net';
import {UsageError} from '../base/errors.js';
import {BusClientConnection} from './bus-client-connection.js';
import {type BusLimits, defaultBusLimits} from './bus-limits.js';
import {SubjectRouter} from './subject-router.js';

interface EmbeddedBusOptions {
  /** `127.0.0.1`, `::1` or `localhost`. Other hosts are rejected, because there is no authentication. */
  readonly host?: string | undefined;
  /** 0, the default, selects a free port. */
  readonly port?: number | undefined;
  readonly limits?: Partial<BusLimits> | undefined;
  /** Returns a number in [0, 1). It selects the member of a queue group. */
  readonly random?: (() => number) | undefined;
}

export interface EmbeddedBus {
  /** `nats://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
  /** Number of connected clients. */
  readonly clients: number;
  /** Disconnects all clients and frees the port. Idempotent. */
  close(): Promise<void>;
}

const loopbackHosts = ['127.0.0.1', '::1', 'localhost'];

/**
 * Starts a NATS server for development: publish, subscribe with wildcards, queue groups, headers and "no responders"
 * over TCP. It has no clustering, accounts or JetStream. Rejects with UsageError for a host that is not local, or a
 * port that is in use.
 */
export async function startEmbeddedBus(options: EmbeddedBusOptions = {}): Promise<EmbeddedBus> {
  const {host = '127.0.0.1', port = 0, random = Math.random} = options;
  if (!loopbackHosts.includes(host)) {
    throw new UsageError(`the embedded bus cannot listen on "${host}": it serves this machine only`, {
      hint: 'start a nats-server and pass --server',
    });
  }
  const limits = {...defaultBusLimits, ...options.limits};
  const clients = new ClientSet(limits, new SubjectRouter(random));
  const server = createServer({noDelay: true}, (socket) => clients.admit(socket));
  await listen(server, host, port);
  const address = server.address() as AddressInfo;
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  clients.introduce(address);
  let closing: Promise<void> | undefined;
  return {
    url: `nats://${shownHost}:${address.port}`,
    port: address.port,
    get clients() {
      return clients.size;
    },
    close() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        clients.close();
      });
      return closing;
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'the port is in use' : cause.message;
      reject(new UsageError(`the embedded bus cannot listen on "${host}:${port}": ${why}`, {cause}));
    });
    server.listen(port, host, resolve);
  });
}

/** All clients of a bus. Flushes their queues, and checks that they are alive. */
class ClientSet {
  private readonly clients = new Set<BusClientConnection>();
  private awake: BusClientConnection[] = [];
  private greeting: Record<string, unknown> = {};
  private admitted = 0;
  private readonly keepAlive: NodeJS.Timeout;

  constructor(
    private readonly limits: BusLimits,
    private readonly router: SubjectRouter,
  ) {
    this.keepAlive = setInterval(() => {
      for (const client of this.clients) client.keepAlive();
    }, limits.pingIntervalMs).unref();
  }

  get size(): number {
    return this.clients.size;
  }

  introduce({address, port}: AddressInfo): void {
    this.greeting = {
      server_id: randomBytes(16).toString('hex').toUpperCase(),
      server_name: 'gatectl-embedded-bus',
      version: '2.10.0', // the version of nats-server whose core protocol this implements
      proto: 1,
      headers: true,
      host: address,
      port,
      max_payload: this.limits.maxPayloadBytes,
    };
  }

  admit(socket: Socket): void {
    const client = new BusClientConnection({
      socket,
      router: this.router,
      limits: this.limits,
      wake: (awake) => this.wake(awake),
      onClose: (closed) => this.clients.delete(closed),
    });
    this.clients.add(client);
    this.admitted += 1;
    client.line(`INFO ${JSON.stringify({...this.greeting, client_id: this.admitted})} \r\n`);
  }

  close(): void {
    clearInterval(this.keepAlive);
    for (const client of this.clients) client.close();
  }

  /** Schedules a single flush, after all sockets have been read in this turn of the event loop. */
  private wake(client: BusClientConnection): void {
    if (this.awake.length === 0) setImmediate(() => this.flush());
    this.awake.push(client);
  }

  private flush(): void {
    const {awake} = this;
    this.awake = [];
    for (const client of awake) client.flush();
  }
}
