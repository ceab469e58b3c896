import {monitorEventLoopDelay} from 'node:perf_hooks';
import {memoryUsage} from 'node:process';
import {getHeapStatistics} from 'node:v8';
import type {GateHealth} from '../../session/gate-health.js';
import {scanSessions} from '../sessions/session-scan.js';
import type {SessionTable} from '../sessions/session-table.js';

/** Sampling interval of the event loop delay, in milliseconds. */
const resolutionMs = 20;
const windowMs = 10_000;
/** Minimum time between sums over the queues of all connections, in milliseconds. */
const sumMs = 1000;

/** Measures the process of a gate. All gates in one process report the same delay and memory. */
export class ProcessHealthMonitor {
  private readonly delay = monitorEventLoopDelay({resolution: resolutionMs});
  private readonly timer: NodeJS.Timeout;
  private lastWindowMs = 0;
  private queued: {readonly at: number; readonly bytes: Promise<number>} | undefined;

  constructor(private readonly table: SessionTable) {
    this.delay.enable();
    this.timer = setInterval(() => this.startWindow(), windowMs).unref();
  }

  /** Forgets the delays so far, for example those of the warm-up. */
  restart(): void {
    this.lastWindowMs = 0;
    this.delay.reset();
  }

  async measure(): Promise<GateHealth> {
    const {rss, heapUsed} = memoryUsage();
    return {
      waitingBytes: await this.waitingBytes(),
      loopDelayMs: Math.max(this.lastWindowMs, this.windowDelayMs),
      residentBytes: rss,
      heapBytes: heapUsed,
      heapLimitBytes: getHeapStatistics().heap_size_limit,
    };
  }

  stop(): void {
    clearInterval(this.timer);
    this.delay.disable();
  }

  /**
   * Returns the longest delay of this window. An idle loop is sampled every `resolutionMs`, so that
   * time is subtracted.
   */
  private get windowDelayMs(): number {
    return Math.max(0, Math.round(this.delay.max / 1e6 - resolutionMs));
  }

  private startWindow(): void {
    this.lastWindowMs = this.windowDelayMs;
    this.delay.reset();
  }

  private waitingBytes(): Promise<number> {
    const at = performance.now();
    if (this.queued === undefined || at - this.queued.at >= sumMs) this.queued = {at, bytes: this.summed()};
    return this.queued.bytes;
  }

  private async summed(): Promise<number> {
    let bytes = 0;
    await scanSessions(this.table, ({connection}) => {
      bytes += connection.waitingBytes;
    });
    return bytes;
  }
}
