import type {ConnectionState} from '../../session/connection-state.js';

/** Packets that were written in one millisecond. */
interface Batch {
  readonly at: number;
  readonly bytes: number;
  readonly packets: number;
}

/**
 * When the packets of a connection were written, for as long as they may wait. The connection reports only how many bytes
 * wait; since it sends in order, those are the newest. Batches are allocated only for a client that does not keep up.
 */
export class SendQueue {
  /** The newest batch. */
  private at = 0;
  private bytes = 0;
  private packets = 0;
  /** The batches before it, oldest first. */
  private older: Batch[] | undefined;
  private olderBytes = 0;
  /** When the newest packet that has left was written. */
  private leftAt = 0;

  /** Adds a packet: `before` and `after` are the bytes that waited without and with it. */
  add(before: number, after: number, at: number): void {
    if (before === 0) {
      this.older = undefined;
      this.olderBytes = 0;
      this.leftAt = this.at;
      this.bytes = after;
      this.packets = 1;
    } else if (at === this.at) {
      this.bytes += after - before;
      this.packets += 1;
    } else {
      this.older ??= [];
      this.older.push({at: this.at, bytes: this.bytes, packets: this.packets});
      this.olderBytes += this.bytes;
      this.bytes = after - before;
      this.packets = 1;
      this.forgetLeft(after);
    }
    this.at = at;
  }

  /** The state while this many bytes wait. */
  state(waitingBytes: number): ConnectionState {
    if (waitingBytes === 0) return {waitingBytes, waitingPackets: 0, ...sentAt(this.at)};
    this.forgetLeft(waitingBytes);
    const older = this.older ?? [];
    const waitingPackets = older.reduce((sum, {packets}) => sum + packets, this.packets);
    return {waitingBytes, waitingPackets, oldestWaitingAt: older[0]?.at ?? this.at, ...sentAt(this.leftAt)};
  }

  /** Removes batches that have left completely. */
  private forgetLeft(waitingBytes: number): void {
    const older = this.older ?? [];
    let left = 0;
    for (const {at, bytes} of older) {
      if (this.olderBytes + this.bytes - bytes < waitingBytes) break;
      this.olderBytes -= bytes;
      this.leftAt = at;
      left += 1;
    }
    if (left > 0) older.splice(0, left);
  }
}

const sentAt = (at: number): ConnectionState => (at === 0 ? {} : {lastSentAt: at});
