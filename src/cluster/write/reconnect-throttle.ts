import {setTimeout as sleep} from 'node:timers/promises';
import {onAbort} from '../../base/signals.js';
import type {GateStatistics} from '../answers.js';
import type {ClusterReader} from '../cluster.js';
import {RepeatedQuestion} from '../read/repeated-question.js';
import type {OtherGate} from './drain-plan.js';

interface ReconnectThrottleOptions {
  readonly cluster: Pick<ClusterReader, 'stats'>;
  readonly others: readonly OtherGate[];
  /** Evictions per second that are wanted on all gates together; 0 for as many as possible. */
  readonly wanted: number;
  /** Highest number of new connections per second that one gate may get. */
  readonly maxConnects: number;
  /** Called when a pause begins, with the reason, and with undefined when it ends. */
  readonly onPause: (why: string | undefined) => void;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

const everyMs = 250;
/** Shortest time over which a rate is taken, in milliseconds. */
const windowMs = 900;
/** New connections on all gates after which the share of the busiest is known. */
const knownAfter = 50;
/** How far evictions catch up after a late timer, in milliseconds; more would be a burst. */
const catchUpMs = 100;
/** Share of the limit that evictions use, since other clients connect as well. */
const usedShare = 0.8;
/** A pause begins at these shares of the limits, since clients that were evicted already still come. */
const connectsShare = 0.95;
const sessionsShare = 0.95;

/** New connections per second that one gate may get by default: three times the evictions; no limit if those have none. */
export const defaultMaxConnects = (rate: number): number =>
  rate === 0 ? Number.POSITIVE_INFINITY : Math.max(50, 3 * rate);

/** Evictions per second that no gate gets too many connections by, even if all clients come to the same one. */
export const safeEvictions = (maxConnects: number): number =>
  Math.max(1, Math.floor(usedShare * maxConnects));

interface Reading {
  readonly connects: number;
  readonly now: number;
}

/**
 * Slows evictions down so that no gate gets more new connections than allowed, and pauses them while one is near a limit. It
 * begins as if all clients came to the same gate, and is as fast as the share of the busiest gate permits once that is known.
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
    this.perSecond = others.length === 0 ? this.wanted : Math.min(this.wanted, safeEvictions(maxConnects));
    onAbort(signal, () => this.release());
    void this.watch();
  }

  /** Resolves when the next eviction may begin, and when the watch ends. */
  async ready(): Promise<void> {
    await this.paused;
    if (this.perSecond >= this.wanted) return; // evenly paced already
    const now = performance.now();
    const early = this.due - now;
    this.due = Math.max(this.due, now - catchUpMs) + 1000 / this.perSecond;
    if (early > 0) await sleep(early, undefined, {signal: this.options.signal}).catch(() => {});
  }

  private async watch(): Promise<void> {
    const {cluster, signal} = this.options;
    const gates = [...this.limits.keys()];
    const question = new RepeatedQuestion({ask: (gate) => cluster.stats([gate]), now: Date.now});
    while (!signal.aborted && gates.length > 0) {
      try {
        const {results} = await question.round(gates);
        this.adapt(results);
        this.pauseFor(
          [...results].map(([gate, stats]) => this.reasonOf(gate, stats)).find((why) => why !== ''),
        );
      } catch {
        // the bus is gone: evictions fail and are reported
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

  /** Empty if the gate is below its limits. */
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

  /** New connections per second, since the newest reading that is old enough. */
  private rateOf(gate: string, {connects, now}: GateStatistics): number {
    const known = (this.readings.get(gate) ?? []).filter((one) => one.connects <= connects); // not before a restart
    const old = known.filter((one) => now - one.now >= windowMs).at(-1);
    const kept = known.filter((one) => one === old || now - one.now < windowMs);
    this.readings.set(gate, [...kept, {connects, now}]);
    return old === undefined ? 0 : ((connects - old.connects) * 1000) / (now - old.now);
  }
}
