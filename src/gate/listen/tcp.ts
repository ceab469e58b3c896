import {createServer, type Server, type Socket} from 'node:net';
import {createServer as createTlsServer} from 'node:tls';
import {UsageError} from '../../base/errors.js';
import {hostAndPort} from '../../session/ip-address.js';
import type {ListenerOptions} from '../node/gate-options.js';
import {type ClientLink, closeGraceMs, type LinkEvents} from './link.js';
import {Outbox} from './outbox.js';
import {WaitingSockets} from './waiting-sockets.js';

export interface Listener {
  readonly port: number;
  /** Takes no more connections; those that are there stay. */
  close(): Promise<void>;
}

export interface TimedListenerOptions extends ListenerOptions {
  /** So long for TLS, and as long again for the upgrade to WebSocket. */
  readonly connectTimeoutMs: number;
}

/** Listens for MQTT on TCP, with TLS when there is a certificate. Rejects with UsageError when it can't. */
export async function listenTcp(
  options: TimedListenerOptions,
  accept: (link: ClientLink) => void,
): Promise<Listener> {
  const onSocket = (socket: Socket): void => accept(new TcpLink(socket));
  if (options.tls === undefined) {
    const server = createServer({noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000}, onSocket);
    return await listening(server, options, 'tcp');
  }
  const server = tlsServer(options);
  const waiting = new WaitingSockets(server, options.connectTimeoutMs);
  server.on('secureConnection', (socket) => {
    waiting.passed(socket);
    onSocket(socket);
  });
  return await listening(server, options, 'tcp', waiting);
}

function tlsServer({tls, host, port}: ListenerOptions): Server {
  try {
    const server = createTlsServer({...tls, minVersion: 'TLSv1.2'});
    server.on('tlsClientError', () => {}); // plain text on a TLS port, scanners: their connection is gone already
    return server;
  } catch (cause) {
    throw new UsageError(
      `the TLS certificate for ${host}:${port} can't be used: ${(cause as Error).message}`,
      {cause},
    );
  }
}

/** Starts a server and says on which port. */
export async function listening(
  server: Server,
  {host, port}: ListenerOptions,
  what: string,
  waiting?: WaitingSockets,
): Promise<Listener> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new UsageError(`can't listen on ${what} ${host}:${port}: ${cause.code ?? cause.message}`, {cause}),
      );
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        waiting?.closeAll();
      }),
  };
}

const events = Symbol('events');

/** A socket that knows who listens to it, so that all of them have the same listeners. */
type LinkedSocket = Socket & {[events]?: LinkEvents};

function onData(this: LinkedSocket, bytes: Buffer): void {
  this[events]?.received(bytes);
}

function onClose(this: LinkedSocket): void {
  this[events]?.hungUp();
}

function onError(): void {
  // 'close' follows
}

class TcpLink implements ClientLink {
  readonly network = 'tcp';
  readonly ip: string;
  readonly userAgent = undefined;
  private readonly outbox: Outbox;

  constructor(private readonly socket: LinkedSocket) {
    this.outbox = new Outbox(socket);
    this.ip = hostAndPort(socket.remoteAddress ?? '', socket.remotePort ?? 0);
    socket.on('error', onError);
  }

  get queuedBytes(): number {
    return this.socket.writableLength + this.outbox.bytes;
  }

  listen(listener: LinkEvents): void {
    this.socket[events] = listener;
    this.socket.on('data', onData);
    this.socket.on('close', onClose);
  }

  write(bytes: Uint8Array): void {
    this.outbox.add(bytes);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    this.outbox.flush();
    this.socket.end();
    setTimeout(() => this.socket.destroy(), closeGraceMs).unref();
  }

  destroy(): void {
    this.outbox.drop();
    this.socket.destroy();
  }
}
