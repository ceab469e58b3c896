import type {ConnectionState} from '../../session/connection-state.js';

/** Packets written within the same millisecond. */
interface Batch {
  readonly at: number;
  readonly bytes: number;
  readonly packets: number;
}

/**
 * Records when a connection's packets were written, for as long as they may wait to be sent. The connection only
 * reports how many bytes wait; packets are sent in order, so those are the latest ones. Batches are created only for
 * a client that reads too slowly.
 */
export class UnsentPackets {
  /** When the latest batch was written. `bytes` and `packets` are its size. */
  private at = 0;
  private bytes = 0;
  private packets = 0;
  /** Earlier batches, oldest first. */
  private older: Batch[] | undefined;
  private olderBytes = 0;
  /** When the most recently sent packet was written. */
  private sentAt = 0;

  /**
   * Adds a packet that was written at `at`. `before` and `after` are the waiting bytes before and
   * after the write.
   */
  add(before: number, after: number, at: number): void {
    if (before === 0) {
      this.older = undefined;
      this.olderBytes = 0;
      this.sentAt = this.at;
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
      this.removeSent(after);
    }
    this.at = at;
  }

  /** Returns the state of the queue if this many bytes wait. */
  state(waitingBytes: number): ConnectionState {
    if (waitingBytes === 0) return {waitingBytes, waitingPackets: 0, ...lastSent(this.at)};
    this.removeSent(waitingBytes);
    const older = this.older ?? [];
    const waitingPackets = older.reduce((sum, {packets}) => sum + packets, this.packets);
    return {waitingBytes, waitingPackets, oldestWaitingAt: older[0]?.at ?? this.at, ...lastSent(this.sentAt)};
  }

  /** Removes the batches that have been sent completely. */
  private removeSent(waitingBytes: number): void {
    const older = this.older ?? [];
    let left = 0;
    for (const {at, bytes} of older) {
      if (this.olderBytes + this.bytes - bytes < waitingBytes) break;
      this.olderBytes -= bytes;
      this.sentAt = at;
      left += 1;
    }
    if (left > 0) older.splice(0, left);
  }
}

const lastSent = (at: number): ConnectionState => (at === 0 ? {} : {lastSentAt: at});
