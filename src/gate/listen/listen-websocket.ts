import {createServer, type IncomingMessage, type Server} from 'node:http';
import {createServer as createTlsServer} from 'node:https';
import type {Duplex} from 'node:stream';
import {type RawData, type WebSocket, WebSocketServer} from 'ws';
import {sanitizeUserAgent} from '../mqtt/rules/text-rules.js';
import {clientAddress} from './client-address.js';
import {type ClientLink, type ClientLinkEvents, closeGraceMs} from './client-link.js';
import {HandshakingSockets} from './handshaking-sockets.js';
import {
  type ClientCertificate,
  ListenerCertificates,
  verifiedClientCertificate,
} from './listener-certificates.js';
import {createRenewableListener, type RenewableListener} from './renewable-listener.js';
import {
  afterFirstBytes,
  createSocketServer,
  type SocketServerOptions,
  startListening,
} from './socket-server.js';

/** Maximum size of a frame. It may contain many packets, which have their own limit. */
const maxFrameBytes = 1024 * 1024;

/** Listens for MQTT over WebSocket on any path, as mqant does. Accepts binary frames only. */
export async function listenWebSocket(
  options: SocketServerOptions,
  accept: (link: ClientLink) => void,
): Promise<RenewableListener> {
  const {tls} = options;
  const certificates = tls && new ListenerCertificates(tls, options);
  const secure = certificates && createTlsServer(certificates.options, refuse);
  const server: Server = secure ?? createServer(refuse);
  const waiting = new HandshakingSockets(options.connectTimeoutMs);
  acceptUpgrades(server, {...options, waiting, accept});
  const front = createSocketServer(options, (socket, peer) => {
    waiting.add(socket, peer);
    const pass = (): void => void server.emit('connection', socket);
    if (secure === undefined) pass();
    else afterFirstBytes(socket, pass);
  });
  const listener = await startListening(front, options, 'websocket', () => waiting.closeAll());
  return createRenewableListener(listener, certificates && secure && {certificates, server: secure});
}

interface UpgradeDeps extends Pick<SocketServerOptions, 'addresses' | 'proxies' | 'origins' | 'onRefused'> {
  readonly waiting: HandshakingSockets;
  readonly accept: (link: ClientLink) => void;
}

function acceptUpgrades(server: Server, deps: UpgradeDeps): void {
  const {addresses, proxies, origins, onRefused, waiting, accept} = deps;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) =>
      [...offered].find((name) => name === 'mqtt' || name === 'mqttv3.1') ?? false,
  });
  sockets.on('wsClientError', (_, socket) => socket.destroy());
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const peer = waiting.peerOf(request.socket)?.address;
    if (peer === undefined) {
      socket.destroy();
      return;
    }
    if (!origins.allows(request.headers.origin)) {
      onRefused('foreign origin', 'origins');
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const address = clientAddress(peer, forwardingHeaders(request), proxies);
    const isProxied = address !== peer && !proxies.has(address);
    const limit = isProxied ? addresses.entered(address) : undefined;
    if (limit !== undefined) {
      onRefused('address limit', limit);
      socket.end('HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    if (isProxied) socket.once('close', () => addresses.left(address));
    sockets.handleUpgrade(request, socket, head, (opened) => {
      waiting.established(request.socket);
      accept(new WebSocketLink(opened, request, address));
    });
  });
}

function forwardingHeaders({headers}: IncomingMessage) {
  const {'x-forwarded-for': forwardedFor, forwarded} = headers;
  return {forwardedFor: [forwardedFor ?? []].flat().join(',') || undefined, forwarded};
}

function refuse(_: IncomingMessage, response: import('node:http').ServerResponse): void {
  response
    .writeHead(426, {'content-type': 'text/plain', upgrade: 'websocket', connection: 'close'})
    .end('this port serves MQTT over WebSocket\n');
}

class WebSocketLink implements ClientLink {
  readonly network = 'websocket';
  readonly userAgent: string | undefined;
  /** The TCP or TLS socket below the WebSocket. */
  private readonly transport: unknown;

  constructor(
    private readonly socket: WebSocket,
    {headers, socket: transport}: IncomingMessage,
    readonly ip: string,
  ) {
    this.transport = transport;
    const agent = headers['user-agent'];
    this.userAgent = agent === undefined ? undefined : sanitizeUserAgent(agent);
    socket.on('error', () => {}); // 'close' follows
  }

  get certificate(): ClientCertificate | undefined {
    return verifiedClientCertificate(this.transport);
  }

  get queuedBytes(): number {
    return this.socket.bufferedAmount;
  }

  listen(events: ClientLinkEvents): void {
    this.socket.on('message', (data: RawData, isBinary) => {
      if (isBinary) events.received(data as Buffer);
      else this.socket.close(1003, 'binary frames only'); // [MQTT-6.0.0-1]
    });
    this.socket.once('close', () => events.hungUp());
  }

  write(bytes: Uint8Array): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(bytes, {binary: true});
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    this.socket.close(1000);
    setTimeout(() => this.socket.terminate(), closeGraceMs).unref();
  }

  destroy(): void {
    this.socket.terminate();
  }
}
