import type {ConnectionState} from '../../session/connection-state.js';

/**
 * Grace on top of one and a half keep-alives. Eclipse Paho for Go, with a keep-alive of at most 10 s, checks
 * every half keep-alive whether a ping is due, so a ping can be sent exactly at the limit.
 */
const keepAliveGraceMs = 500;

/** Notices that a client is silent for too long: first before its CONNECT, then by its keep-alive. */
export class SilenceTimer {
  private timer: NodeJS.Timeout | undefined;
  /** Longest silence in milliseconds; 0 without a keep-alive. */
  private limitMs = 0;

  constructor(connectTimeoutMs: number, onNoConnect: () => void) {
    this.timer = setTimeout(() => setImmediate(onNoConnect), connectTimeoutMs);
  }

  /**
   * Waits for 1.5 keep-alives [MQTT-3.1.2-24] plus the grace, instead of for CONNECT. `keepAlive` is in seconds. With 0,
   * only TCP detects a lost client.
   */
  watch(keepAlive: number, onSilence: () => void): void {
    this.stop();
    if (keepAlive === 0) return;
    this.limitMs = keepAlive * 1500 + keepAliveGraceMs;
    this.timer = setTimeout(onSilence, this.limitMs);
  }

  /** Starts the silence again. */
  refresh(): void {
    this.timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** When the silence is too long; `lastActiveAt` is in Unix milliseconds. */
  state(lastActiveAt: number): Pick<ConnectionState, 'keepAliveEndsAt'> {
    return this.limitMs === 0 ? {} : {keepAliveEndsAt: lastActiveAt + this.limitMs};
  }
}
