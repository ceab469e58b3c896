import type {Socket} from 'node:net';

/** Above this number of bytes, queued messages are written one by one instead of being joined. */
const joinedBytes = 64 * 1024;

/**
 * Collects the messages that a client gets in one turn of the event loop, and sends them with one system call. A
 * broadcast sends the same bytes to many clients, so the joined buffer is reused for clients with the same queue.
 */
export class Outbox {
  /** Allocated on first use, because most clients are idle. */
  private pieces: Uint8Array[] | undefined;
  /** Number of bytes in this queue. */
  bytes = 0;

  constructor(private readonly socket: Pick<Socket, 'write' | 'cork' | 'uncork'>) {}

  add(piece: Uint8Array): void {
    if (this.pieces === undefined) {
      wake(this);
      this.pieces = [piece];
    } else this.pieces.push(piece);
    this.bytes += piece.length;
  }

  flush(): void {
    const {pieces, bytes, socket} = this;
    if (pieces === undefined) return;
    this.drop();
    const [only] = pieces;
    if (only !== undefined && pieces.length === 1) socket.write(only);
    else if (bytes <= joinedBytes) socket.write(joined(pieces));
    else {
      socket.cork();
      for (const piece of pieces) socket.write(piece);
      socket.uncork();
    }
  }

  /** Discards the queue. */
  drop(): void {
    this.pieces = undefined;
    this.bytes = 0;
  }
}

let waiting: Outbox[] = [];

function wake(outbox: Outbox): void {
  if (waiting.length === 0) setImmediate(flushAll);
  waiting.push(outbox);
}

function flushAll(): void {
  const all = waiting;
  waiting = [];
  for (const outbox of all) outbox.flush();
  last = undefined;
}

/** The last joined buffer in this turn, with its pieces. */
let last: {readonly pieces: readonly Uint8Array[]; readonly bytes: Buffer} | undefined;

function joined(pieces: readonly Uint8Array[]): Buffer {
  if (last !== undefined && areSame(last.pieces, pieces)) return last.bytes;
  const bytes = Buffer.concat(pieces);
  last = {pieces, bytes};
  return bytes;
}

function areSame(left: readonly Uint8Array[], right: readonly Uint8Array[]): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at += 1) if (left[at] !== right[at]) return false;
  return true;
}
