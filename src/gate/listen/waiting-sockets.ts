import type {Socket} from 'node:net';
import {afterTimeout} from '../../base/signals.js';
import type {ProxiedPeer} from './proxy-header.js';

/** Where a socket comes from: the same for a socket and for the TLS or HTTP that is spoken on it. */
export interface SocketEnds {
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
 * Connections before the end of TLS or the upgrade to WebSocket. Each has a deadline, however its bytes trickle, and none
 * holds up a listener that closes.
 */
export class WaitingSockets {
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

  /** The client of a connection that still waits. */
  peerOf(ends: SocketEnds): ProxiedPeer | undefined {
    return this.waiting.get(nameOf(ends))?.peer;
  }

  /** Returns the client of a connection, which waits no longer; undefined when it has closed meanwhile. */
  passed(ends: SocketEnds): ProxiedPeer | undefined {
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
