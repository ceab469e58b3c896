import {setTimeout as sleep} from 'node:timers/promises';
import {NegativeError} from '../../base/errors.js';
import type {GateStats} from '../../session/gate-api.js';
import type {ClusterReader} from '../cluster.js';
import {PollingRounds} from '../read/polling-rounds.js';
import type {Target} from './paced-writes.js';

/** A check of the rate of new connections during a bulk write. */
export interface ConnectRateGuard {
  /** Aborts when clients connect too fast; the reason is the error. */
  readonly signal: AbortSignal;
  /** Resolves when the check ends: with the error if clients connect too fast, otherwise with undefined. */
  readonly seen: Promise<NegativeError | undefined>;
  stop(): void;
}

interface GuardOptions {
  readonly cluster: Pick<ClusterReader, 'stats'>;
  readonly verb: string;
  readonly targets: readonly Target[];
  /** Writes per second per gate; 0 for no limit. */
  readonly rate: number;
  /** Maximum number of new connections per second per gate. The default limits kicks only. */
  readonly maxConnects?: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Stops a bulk write when too many clients connect to its gates. Without `maxConnects` only kicks are limited,
 * because kicked clients reconnect immediately.
 */
export function guardConnectRate(options: GuardOptions): ConnectRateGuard {
  const {cluster, verb, targets, rate, maxConnects, signal} = options;
  const exceeded = new AbortController();
  const end = new AbortController();
  const standard = verb === 'kick' && rate > 0 ? Math.max(50, 3 * rate) : undefined;
  const most = maxConnects ?? standard;
  if (most === undefined) return {signal: exceeded.signal, seen: Promise.resolve(undefined), stop: () => {}};
  const gates = [...new Set(targets.map(({node}) => node))];
  const wait = (ms: number, until: AbortSignal) => sleep(ms, undefined, {signal: until}).catch(() => {});
  const seen = waitForExcessiveConnects({
    cluster,
    most,
    gates,
    signal: AbortSignal.any([end.signal, signal]),
    wait,
  });
  const guarded = seen.catch(() => undefined); // a gate that fails here also fails its writes, which report the error
  void guarded.then((error) => {
    if (error !== undefined) exceeded.abort(error);
  });
  return {signal: exceeded.signal, seen: guarded, stop: () => end.abort()};
}

interface RateOptions {
  readonly cluster: Pick<ClusterReader, 'stats'>;
  /** Maximum number of new connections per second per gate. */
  readonly most: number;
  readonly gates: readonly string[];
  readonly signal: AbortSignal;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

const everyMs = 1000;

interface Reading {
  readonly connects: number;
  readonly now: number;
}

/**
 * Resolves with an error if a gate gets more new connections per second than allowed, and with undefined when the
 * signal aborts. Gates without counters are not checked.
 */
export async function waitForExcessiveConnects(options: RateOptions): Promise<NegativeError | undefined> {
  const {cluster, most, gates, signal, wait} = options;
  const poller = new PollingRounds({ask: (gate) => cluster.stats([gate]), now: Date.now});
  const before = new Map<string, Reading>();
  while (!signal.aborted) {
    const now = await readings(poller, gates);
    for (const [node, {connects, now: at}] of now) {
      const last = before.get(node);
      before.set(node, {connects, now: at});
      if (last === undefined || at <= last.now) continue;
      const rate = Math.round(((connects - last.connects) * 1000) / (at - last.now));
      if (rate > most)
        return new NegativeError(
          `stopped: ${node} has ${rate} new connections a second, more than the limit of ${most}`,
          {
            hint: 'wait until the clients have reconnected, lower --rate, or raise the limit with --max-connects',
          },
        );
    }
    await wait(everyMs, signal);
  }
  return undefined;
}

/** Reads the counters of the gates that answer. A silent gate does not delay the others. */
async function readings(
  poller: PollingRounds<GateStats>,
  gates: readonly string[],
): Promise<Map<string, Reading>> {
  const {results} = await poller.round(gates);
  return new Map([...results].map(([node, {connects, now}]) => [node, {connects, now}]));
}
