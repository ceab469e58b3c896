import type {Socket} from 'node:net';
import {createServer as createTlsServer} from 'node:tls';
import {joinHostPort} from '../../session/ip-address.js';
import {type ClientLink, type ClientLinkEvents, closeGraceMs} from './client-link.js';
import {HandshakingSockets} from './handshaking-sockets.js';
import {
  type ClientCertificate,
  ListenerCertificates,
  verifiedClientCertificate,
} from './listener-certificates.js';
import {Outbox} from './outbox.js';
import type {ProxiedPeer} from './proxy-header.js';
import {createRenewableListener, type RenewableListener} from './renewable-listener.js';
import {
  afterFirstBytes,
  createSocketServer,
  type SocketServerOptions,
  startListening,
} from './socket-server.js';

/**
 * Listens for MQTT over TCP, or over TLS if a certificate is given. Rejects with UsageError if the port or the
 * certificate can't be used.
 */
export async function listenTcp(
  options: SocketServerOptions,
  accept: (link: ClientLink) => void,
): Promise<RenewableListener> {
  const {tls} = options;
  if (tls === undefined) {
    const plain = createSocketServer(options, (socket, peer) => accept(new TcpLink(socket, peer)));
    return createRenewableListener(await startListening(plain, options, 'tcp'));
  }
  const certificates = new ListenerCertificates(tls, options);
  const waiting = new HandshakingSockets(options.connectTimeoutMs);
  const server = createTlsServer(certificates.options, (socket) => {
    const peer = waiting.established(socket);
    if (peer === undefined) socket.destroy();
    else accept(new TcpLink(socket, peer));
  });
  server.on('tlsClientError', () => {}); // plain text on a TLS port, port scans: the connection is already closed
  const front = createSocketServer(options, (socket, peer) => {
    waiting.add(socket, peer);
    afterFirstBytes(socket, () => server.emit('connection', socket));
  });
  const listener = await startListening(front, options, 'tcp', () => waiting.closeAll());
  return createRenewableListener(listener, {certificates, server});
}

const events = Symbol('events');

/** A socket with its event handler, so that all sockets share the same listener functions. */
type LinkedSocket = Socket & {[events]?: ClientLinkEvents};

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

  constructor(
    private readonly socket: LinkedSocket,
    {address, port}: ProxiedPeer,
  ) {
    this.outbox = new Outbox(socket);
    this.ip = joinHostPort(address, port);
    socket.on('error', onError);
  }

  get certificate(): ClientCertificate | undefined {
    return verifiedClientCertificate(this.socket);
  }

  get queuedBytes(): number {
    return this.socket.writableLength + this.outbox.bytes;
  }

  listen(listener: ClientLinkEvents): void {
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
