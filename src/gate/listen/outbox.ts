import type {Socket} from 'node:net';

/** Up to this size what waits for one client is put together; more goes piece by piece. */
const joinedBytes = 64 * 1024;

/**
 * What waits for one client during a turn of the event loop leaves in one system call at its end. A broadcast is the
 * same bytes for very many clients: what was put together for one is used for all that have the same waiting.
 */
export class Outbox {
  /** Made when something waits: most clients are idle. */
  private pieces: Uint8Array[] | undefined;
  /** Bytes that wait here. */
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

  /** Nothing of it is sent any more. */
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

/** The last that were put together, in this turn. */
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
