import type {Socket} from 'node:net';

const slabBytes = 32 * 1024;
/** Below this size, a loop is faster than a native copy. */
const shortBytes = 48;

/**
 * Queue of bytes for one client, written once per turn of the event loop. Messages are packed into slabs that the
 * socket writes without copying, so a message costs one copy and no object.
 */
export class ClientOutbox {
  private slab: Buffer = Buffer.alloc(0);
  private start = 0;
  private end = 0;

  constructor(private readonly socket: Socket) {}

  /** Number of bytes that have not been passed to the kernel. */
  get pendingBytes(): number {
    return this.end - this.start + this.socket.writableLength;
  }

  text(text: string): void {
    this.reserve(text.length);
    this.end += this.slab.write(text, this.end, 'latin1');
  }

  /** Appends the start of a line, then a range of bytes. */
  append(head: Buffer, bytes: Buffer, from: number, to: number): void {
    this.reserve(head.length + to - from);
    this.copy(head, 0, head.length);
    this.copy(bytes, from, to);
  }

  flush(): void {
    this.handOver();
    if (this.socket.writableCorked > 0) this.socket.uncork();
  }

  private copy(bytes: Buffer, from: number, to: number): void {
    const {slab} = this;
    let at = this.end;
    this.end += to - from;
    if (to - from > shortBytes) {
      bytes.copy(slab, at, from, to);
      return;
    }
    for (let index = from; index < to; index += 1) {
      slab[at] = bytes[index] ?? 0;
      at += 1;
    }
  }

  private reserve(size: number): void {
    if (this.end + size <= this.slab.length) return;
    this.handOver();
    this.slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, size));
    this.start = 0;
    this.end = 0;
  }

  private handOver(): void {
    if (this.end === this.start) return;
    if (this.socket.writableCorked === 0) this.socket.cork();
    this.socket.write(this.slab.subarray(this.start, this.end));
    this.start = this.end;
  }
}
