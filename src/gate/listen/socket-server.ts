import {createServer, type Server, type Socket} from 'node:net';
import {platform} from 'node:os';
import {afterTimeout} from '../../base/abort-signals.js';
import {UsageError} from '../../base/errors.js';
import type {LimitName} from '../../session/gate-admission.js';
import {unmappedIpAddress} from '../../session/ip-address.js';
import type {AddressLimits} from './address-limits.js';
import type {AllowedOrigins} from './allowed-origins.js';
import type {ListenerOptions} from './listener-options.js';
import {type ProxiedPeer, parseProxyHeader} from './proxy-header.js';
import type {TrustedProxies} from './trusted-proxies.js';

export interface Listener {
  readonly port: number;
  /** Stops accepting connections. Existing connections stay open. */
  close(): Promise<void>;
}

/** Why a connection was closed before it sent a CONNECT. */
export type ConnectionRefusalReason =
  | 'address limit'
  | 'untrusted proxy'
  | 'faulty PROXY header'
  | 'foreign origin';

export interface SocketServerOptions extends ListenerOptions {
  /** Timeout for each of the PROXY header, TLS and the WebSocket upgrade, in milliseconds. */
  readonly connectTimeoutMs: number;
  readonly addresses: AddressLimits;
  readonly proxies: TrustedProxies;
  readonly origins: AllowedOrigins;
  readonly onRefused: (why: ConnectionRefusalReason, limit: LimitName) => void;
}

const keepAliveSeconds = 60;

/** Handle of a listening socket. The parent of a cluster that distributes connections itself has the real one. */
type ListeningHandle = Partial<{
  setNoDelay(on: boolean): number;
  setKeepAlive(on: boolean, seconds: number): number;
}>;

/**
 * Sets TCP_NODELAY and keep-alive. On Linux a connection inherits them from its listening socket, which saves five of eleven
 * system calls for each connection. Returns false elsewhere: then they must be set for each connection.
 */
function presetOptions(server: Server): boolean {
  const {_handle: handle} = server as {_handle?: ListeningHandle | null};
  if (platform() !== 'linux') return false;
  return handle?.setNoDelay?.(true) === 0 && handle.setKeepAlive?.(true, keepAliveSeconds) === 0;
}

/** Creates a server that applies the address limits, and passes on each socket with the client's address. */
export function createSocketServer(
  options: SocketServerOptions,
  pass: (socket: Socket, peer: ProxiedPeer) => void,
): Server {
  const {addresses, proxies, onRefused} = options;
  const enter = (socket: Socket, peer: ProxiedPeer): void => {
    if (!proxies.has(peer.address)) {
      const limit = addresses.entered(peer.address);
      if (limit !== undefined) return refuse(socket, 'address limit', limit);
      countUntilClosed(socket, addresses, peer.address);
    }
    pass(socket, peer);
  };
  const refuse = (
    socket: Socket,
    why: ConnectionRefusalReason,
    limit: LimitName = 'trustedProxies',
  ): void => {
    onRefused(why, limit);
    socket.on('error', () => {});
    socket.destroy();
  };
  let isPreset = false;
  const server = createServer((socket) => {
    if (!isPreset) socket.setNoDelay(true).setKeepAlive(true, keepAliveSeconds * 1000);
    const own = {address: unmappedIpAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0};
    if (options.proxyProtocol !== true) return enter(socket, own);
    if (!proxies.has(own.address)) return refuse(socket, 'untrusted proxy');
    readProxyHeader(socket, options.connectTimeoutMs, (peer) =>
      peer === undefined
        ? refuse(socket, 'faulty PROXY header')
        : enter(socket, peer === 'proxy' ? own : peer),
    );
  });
  return server.once('listening', () => {
    isPreset = presetOptions(server);
  });
}

/**
 * Reads the PROXY header of a connection. Calls `done` once: with the client, with `proxy` for a connection of the
 * proxy itself, or with undefined if the header is invalid or late.
 */
function readProxyHeader(
  socket: Socket,
  timeoutMs: number,
  done: (peer: ProxiedPeer | 'proxy' | undefined) => void,
): void {
  let bytes = Buffer.alloc(0);
  const end = (peer: ProxiedPeer | 'proxy' | undefined): void => {
    stopDeadline();
    socket.off('readable', read).off('close', onClose).off('error', ignore);
    done(peer);
  };
  const read = (): void => {
    const piece: Buffer | null = socket.read();
    if (piece === null) return;
    bytes = Buffer.concat([bytes, piece]);
    try {
      const header = parseProxyHeader(bytes);
      if (header === undefined) return;
      if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length));
      const {peer} = header;
      end(peer === undefined ? 'proxy' : {...peer, address: unmappedIpAddress(peer.address)});
    } catch {
      end(undefined);
    }
  };
  const ignore = (): void => {}; // 'close' follows
  const onClose = (): void => end(undefined);
  const stopDeadline = afterTimeout(timeoutMs, () => end(undefined));
  socket.on('readable', read).on('close', onClose).on('error', ignore);
}

/**
 * Passes a socket on when its first bytes have arrived. node:tls allocates 64 KB for its first read from a socket and keeps
 * them as long as the connection, but for bytes that were read before, only their length. A client that sends nothing
 * costs no TLS at all.
 */
export function afterFirstBytes(socket: Socket, pass: () => void): void {
  socket.once('readable', () => {
    if (socket.readableLength > 0) pass();
    else socket.destroy(); // the client has left
  });
}

const entered = Symbol('entered');

/** A socket whose connection is counted. All sockets share one listener function, because most clients are idle. */
type CountedSocket = Socket & {[entered]?: {readonly limits: AddressLimits; readonly address: string}};

function countUntilClosed(socket: CountedSocket, limits: AddressLimits, address: string): void {
  socket[entered] = {limits, address};
  socket.on('close', onLeft);
}

function onLeft(this: CountedSocket): void {
  const {limits, address = ''} = this[entered] ?? {};
  limits?.left(address);
}

/** Starts to listen. Rejects with UsageError if that is not possible. */
export async function startListening(
  server: Server,
  {host, port}: ListenerOptions,
  what: string,
  closeWaiting: () => void = () => {},
): Promise<Listener> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new UsageError(`cannot listen on ${what} ${host}:${port}: ${cause.code ?? cause.message}`, {cause}),
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
        closeWaiting();
      }),
  };
}
