import {setTimeout as sleep} from 'node:timers/promises';
import {onAbort} from '../../base/abort-signals.js';
import type {ClusterReader} from '../cluster.js';
import {PollingRounds} from '../read/polling-rounds.js';
import type {GateStatistics} from '../result-types.js';
import type {ReconnectGate} from './drain-plan.js';

interface ReconnectThrottleOptions {
  readonly cluster: Pick<ClusterReader, 'stats'>;
  readonly others: readonly ReconnectGate[];
  /** Requested evictions per second on all gates together; 0 for no limit. */
  readonly wanted: number;
  /** Maximum number of new connections per second per gate. */
  readonly maxConnects: number;
  /** Called with the reason when a pause begins, and with undefined when it ends. */
  readonly onPause: (why: string | undefined) => void;
  /** Stops watching the gates. */
  readonly signal: AbortSignal;
}

const everyMs = 250;
/** Minimum time over which a rate is measured, in milliseconds. */
const windowMs = 900;
/** Number of new connections on all gates from which the busiest gate's share is calculated. */
const knownAfter = 50;
/** How far evictions may catch up after a late timer, in milliseconds; more would be a burst. */
const catchUpMs = 100;
/** Share of the limit that evictions use; other clients connect as well. */
const usedShare = 0.8;
/**
 * Evictions pause at these shares of the limits, because clients that were already evicted are still to reconnect.
 */
const connectsShare = 0.95;
const sessionsShare = 0.95;

/**
 * Returns the default limit of new connections per second per gate: three times the eviction rate, or no limit if
 * evictions have none.
 */
export const defaultMaxConnects = (rate: number): number =>
  rate === 0 ? Number.POSITIVE_INFINITY : Math.max(50, 3 * rate);

/**
 * Returns the evictions per second that keep every gate below its limit even if all clients connect to the same gate.
 */
export const safeEvictionRate = (maxConnects: number): number =>
  Math.max(1, Math.floor(usedShare * maxConnects));

interface Reading {
  readonly connects: number;
  readonly now: number;
}

/**
 * Slows evictions so that no gate gets more new connections than allowed, and pauses them while a gate is near a
 * limit. Starts as if all clients connected to the same gate; goes as fast as the busiest gate's share permits once
 * that is known.
 */
export class ReconnectThrottle {
  private readonly readings = new Map<string, readonly Reading[]>();
  private readonly first = new Map<string, number>();
  private readonly limits: ReadonlyMap<string, number>;
  private readonly wanted: number;
  private perSecond: number;
  private due = 0;
  private why: string | undefined;
  private release: () => void = () => {};
  private paused: Promise<void> = Promise.resolve();

  constructor(private readonly options: ReconnectThrottleOptions) {
    const {others, wanted, maxConnects, signal} = options;
    this.limits = new Map(
      others.map(({gate, maxSessions = Number.POSITIVE_INFINITY}) => [gate, maxSessions]),
    );
    this.wanted = wanted === 0 ? Number.POSITIVE_INFINITY : wanted;
    this.perSecond = others.length === 0 ? this.wanted : Math.min(this.wanted, safeEvictionRate(maxConnects));
    onAbort(signal, () => this.release());
    void this.watch();
  }

  /** Resolves when the next eviction may begin, or when the watch ends. */
  async ready(): Promise<void> {
    await this.paused;
    if (this.perSecond >= this.wanted) return; // already paced
    const now = performance.now();
    const early = this.due - now;
    this.due = Math.max(this.due, now - catchUpMs) + 1000 / this.perSecond;
    if (early > 0) await sleep(early, undefined, {signal: this.options.signal}).catch(() => {});
  }

  private async watch(): Promise<void> {
    const {cluster, signal} = this.options;
    const gates = [...this.limits.keys()];
    const poller = new PollingRounds({ask: (gate) => cluster.stats([gate]), now: Date.now});
    while (!signal.aborted && gates.length > 0) {
      try {
        const {results} = await poller.round(gates);
        this.adapt(results);
        this.pauseFor(
          [...results].map(([gate, stats]) => this.reasonOf(gate, stats)).find((why) => why !== ''),
        );
      } catch {
        // the bus is gone: evictions fail as well and report it
      }
      await sleep(everyMs, undefined, {signal}).catch(() => {});
    }
  }

  private adapt(results: ReadonlyMap<string, GateStatistics>): void {
    let [all, busiest] = [0, 0];
    for (const [gate, {connects}] of results) {
      const first = this.first.get(gate) ?? connects;
      this.first.set(gate, Math.min(first, connects)); // a restarted gate counts from 0
      all += connects - first;
      busiest = Math.max(busiest, connects - first);
    }
    if (all < knownAfter) return;
    this.perSecond = Math.min(this.wanted, (usedShare * this.options.maxConnects * all) / busiest);
  }

  private pauseFor(why: string | undefined): void {
    const before = this.why;
    this.why = why;
    if ((before === undefined) === (why === undefined)) return;
    if (why === undefined) this.release();
    else
      this.paused = new Promise((resolve) => {
        this.release = resolve;
        if (this.options.signal.aborted) resolve();
      });
    this.options.onPause(why);
  }

  /** Returns why evictions must pause for this gate; empty if it is below its limits. */
  private reasonOf(gate: string, stats: GateStatistics): string {
    const {maxConnects} = this.options;
    const rate = this.rateOf(gate, stats);
    if (rate >= connectsShare * maxConnects)
      return `${gate} has ${Math.round(rate)} new connections a second, near the limit of ${maxConnects}`;
    const limit = this.limits.get(gate) ?? Number.POSITIVE_INFINITY;
    if (stats.sessions >= sessionsShare * limit)
      return `${gate} has ${stats.sessions} sessions, near its limit of ${limit}`;
    return '';
  }

  /** Returns new connections per second since the newest reading that is old enough. */
  private rateOf(gate: string, {connects, now}: GateStatistics): number {
    const known = (this.readings.get(gate) ?? []).filter((one) => one.connects <= connects); // leaves out readings before a restart
    const old = known.filter((one) => now - one.now >= windowMs).at(-1);
    const kept = known.filter((one) => one === old || now - one.now < windowMs);
    this.readings.set(gate, [...kept, {connects, now}]);
    return old === undefined ? 0 : ((connects - old.connects) * 1000) / (now - old.now);
  }
}
