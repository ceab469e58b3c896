import type {Server, Socket} from 'node:net';
import {afterTimeout} from '../../base/signals.js';

/** Where a socket comes from: the same for a socket and for the TLS or HTTP that is spoken on it. */
export interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

const nameOf = ({remoteAddress, remotePort}: Peer): string => `${remoteAddress} ${remotePort}`;

/**
 * Connections that have not come through TLS or the upgrade to WebSocket yet. Each has so long for it, however its bytes
 * trickle; and none holds up a listener that closes.
 */
export class WaitingSockets {
  private readonly waiting = new Map<string, {readonly socket: Socket; readonly stopDeadline: () => void}>();

  constructor(
    server: Server,
    private readonly timeoutMs: number,
  ) {
    server.on('connection', (socket: Socket) => this.add(socket));
  }

  /** It is a client's connection from now on. */
  passed(peer: Peer): void {
    this.forget(nameOf(peer));
  }

  closeAll(): void {
    for (const {socket} of this.waiting.values()) socket.destroy();
  }

  private add(socket: Socket): void {
    const name = nameOf(socket);
    const stopDeadline = afterTimeout(this.timeoutMs, () => socket.destroy());
    this.waiting.set(name, {socket, stopDeadline});
    socket.once('close', () => {
      stopDeadline();
      if (this.waiting.get(name)?.socket === socket) this.waiting.delete(name);
    });
  }

  private forget(name: string): void {
    this.waiting.get(name)?.stopDeadline();
    this.waiting.delete(name);
  }
}
