import type {Socket} from 'node:net';
import {afterTimeout} from '../../base/abort-signals.js';
import type {ProxiedPeer} from './proxy-header.js';

/** Remote end of a socket. It is the same for a TCP socket and for the TLS or HTTP connection on top of it. */
interface SocketEnds {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

interface Waiting {
  readonly socket: Socket;
  readonly peer: ProxiedPeer;
  readonly stopDeadline: () => void;
}

const nameOf = ({remoteAddress, remotePort}: SocketEnds): string => `${remoteAddress} ${remotePort}`;

/**
 * Connections that have not completed TLS or the WebSocket upgrade. Each is closed after a timeout, however slowly
 * its bytes arrive. None of them delays closing a listener.
 */
export class HandshakingSockets {
  private readonly waiting = new Map<string, Waiting>();

  constructor(private readonly timeoutMs: number) {}

  add(socket: Socket, peer: ProxiedPeer): void {
    const name = nameOf(socket);
    const stopDeadline = afterTimeout(this.timeoutMs, () => socket.destroy());
    this.waiting.set(name, {socket, peer, stopDeadline});
    socket.on('error', () => {}); // 'close' follows
    socket.once('close', () => {
      stopDeadline();
      if (this.waiting.get(name)?.socket === socket) this.waiting.delete(name);
    });
  }

  /** Returns the client of a waiting connection. */
  peerOf(ends: SocketEnds): ProxiedPeer | undefined {
    return this.waiting.get(nameOf(ends))?.peer;
  }

  /** Removes a connection that is established, and returns its client; undefined if it has been closed meanwhile. */
  established(ends: SocketEnds): ProxiedPeer | undefined {
    const name = nameOf(ends);
    const passed = this.waiting.get(name);
    passed?.stopDeadline();
    this.waiting.delete(name);
    return passed?.peer;
  }

  closeAll(): void {
    for (const {socket} of this.waiting.values()) socket.destroy();
  }
}
