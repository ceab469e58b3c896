import {createServer, type IncomingMessage} from 'node:http';
import {createServer as createTlsServer} from 'node:https';
import {type RawData, type WebSocket, WebSocketServer} from 'ws';
import {UsageError} from '../../base/errors.js';
import {cleanUserAgent} from '../mqtt/text-check.js';
import type {ListenerOptions} from '../node/gate-options.js';
import {clientAddress} from './client-address.js';
import {type ClientLink, closeGraceMs, type LinkEvents} from './link.js';
import {type Listener, listening, type TimedListenerOptions} from './tcp.js';
import {WaitingSockets} from './waiting-sockets.js';

/** A frame may hold many packets; each of them has its own limit. */
const maxFrameBytes = 1024 * 1024;

/** Listens for MQTT over WebSocket on any path, as mqant does; binary frames only. */
export async function listenWebSocket(
  options: TimedListenerOptions,
  accept: (link: ClientLink) => void,
): Promise<Listener> {
  const server = httpServer(options);
  const waiting = new WaitingSockets(server, options.connectTimeoutMs);
  const sockets = new WebSocketServer({
    server,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) =>
      [...offered].find((name) => name === 'mqtt' || name === 'mqttv3.1') ?? false,
  });
  sockets.on('connection', (socket, request) => {
    waiting.passed(request.socket);
    accept(new WebSocketLink(socket, request));
  });
  sockets.on('wsClientError', (_, socket) => socket.destroy());
  sockets.on('error', () => {}); // the server's own error is reported by `listening`
  return await listening(server, options, 'websocket', waiting);
}

function httpServer({tls, host, port}: ListenerOptions) {
  try {
    return tls === undefined
      ? createServer(refuse)
      : createTlsServer({...tls, minVersion: 'TLSv1.2'}, refuse);
  } catch (cause) {
    throw new UsageError(
      `the TLS certificate for ${host}:${port} can't be used: ${(cause as Error).message}`,
      {cause},
    );
  }
}

function refuse(_: IncomingMessage, response: import('node:http').ServerResponse): void {
  response
    .writeHead(426, {'content-type': 'text/plain', upgrade: 'websocket', connection: 'close'})
    .end('this port speaks MQTT over WebSocket\n');
}

class WebSocketLink implements ClientLink {
  readonly network = 'websocket';
  readonly ip: string;
  readonly userAgent: string | undefined;

  constructor(
    private readonly socket: WebSocket,
    request: IncomingMessage,
  ) {
    const forwarded = request.headers['x-forwarded-for'];
    this.ip = clientAddress(
      Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
      request.socket.remoteAddress,
    );
    const agent = request.headers['user-agent'];
    this.userAgent = agent === undefined ? undefined : cleanUserAgent(agent);
    socket.on('error', () => {}); // 'close' follows
  }

  get queuedBytes(): number {
    return this.socket.bufferedAmount;
  }

  listen(events: LinkEvents): void {
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
