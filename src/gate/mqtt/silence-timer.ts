import type {ConnectionState} from '../../session/connection-state.js';

/**
 * Grace on top of one and a half keep-alives. With a keep-alive of at most 10 s, Eclipse Paho for Go checks every
 * half keep-alive whether a ping is due, so it may send a ping exactly at the limit.
 */
const keepAliveGraceMs = 500;

/**
 * Detects a client that is silent for too long: first while waiting for CONNECT, later by its
 * keep-alive.
 */
export class SilenceTimer {
  private timer: NodeJS.Timeout | undefined;
  /** Maximum silence in milliseconds; 0 if there is no keep-alive. */
  private limitMs = 0;

  constructor(connectTimeoutMs: number, onNoConnect: () => void) {
    this.timer = setTimeout(() => setImmediate(onNoConnect), connectTimeoutMs);
  }

  /**
   * Stops waiting for CONNECT, and calls `onSilence` after 1.5 keep-alives [MQTT-3.1.2-24] plus the grace.
   * `keepAlive` is in seconds; with 0, only TCP can detect a lost client.
   */
  watch(keepAlive: number, onSilence: () => void): void {
    this.stop();
    if (keepAlive === 0) return;
    this.limitMs = keepAlive * 1500 + keepAliveGraceMs;
    this.timer = setTimeout(onSilence, this.limitMs);
  }

  /** Restarts the timer, because a packet has arrived. */
  refresh(): void {
    this.timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /**
   * Returns when the keep-alive of the client will expire. `lastActiveAt` is in Unix milliseconds.
   */
  state(lastActiveAt: number): Pick<ConnectionState, 'keepAliveEndsAt'> {
    return this.limitMs === 0 ? {} : {keepAliveEndsAt: lastActiveAt + this.limitMs};
  }
}

/**
 * Calls `onExpiry` when the credentials of a client expire. Does nothing for an expiry 2^31 ms or more away, because
 * Node's timers can't wait that long.
 */
export function startExpiryTimer(leftMs: number, onExpiry: () => void): NodeJS.Timeout | undefined {
  return leftMs >= 2 ** 31 ? undefined : setTimeout(onExpiry, Math.max(0, leftMs)).unref();
}
