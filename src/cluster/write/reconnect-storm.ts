import {setTimeout as sleep} from 'node:timers/promises';
import {NegativeError} from '../../base/errors.js';
import type {GateStats} from '../../session/gate-api.js';
import type {ClusterReader} from '../cluster.js';
import {RepeatedQuestion} from '../read/repeated-question.js';
import type {Target} from './bulk.js';

/** Watches gates for a reconnect storm during a bulk write. */
export interface StormWatch {
  /** Aborts when a storm is detected; the reason describes it. */
  readonly signal: AbortSignal;
  /** Resolves when the watch ends: with the description of a storm, or undefined. */
  readonly seen: Promise<NegativeError | undefined>;
  stop(): void;
}

interface GuardOptions {
  readonly cluster: Pick<ClusterReader, 'stats'>;
  readonly verb: string;
  readonly targets: readonly Target[];
  /** Writes per second per gate; 0 for no limit. */
  readonly rate: number;
  /**
   * Highest number of new connections per second per gate. By default kicks have a limit and other writes
   * have none.
   */
  readonly maxConnects?: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Watches kicks by default, because kicked clients reconnect at once; other writes only if a limit is given.
 */
export function watchForStorm(options: GuardOptions): StormWatch {
  const {cluster, verb, targets, rate, maxConnects, signal} = options;
  const storm = new AbortController();
  const end = new AbortController();
  const usual = verb === 'kick' && rate > 0 ? Math.max(50, 3 * rate) : undefined;
  const most = maxConnects ?? usual;
  if (most === undefined) return {signal: storm.signal, seen: Promise.resolve(undefined), stop: () => {}};
  const gates = [...new Set(targets.map(({node}) => node))];
  const wait = (ms: number, until: AbortSignal) => sleep(ms, undefined, {signal: until}).catch(() => {});
  const seen = reconnectStorm({cluster, most, gates, signal: AbortSignal.any([end.signal, signal]), wait});
  const guarded = seen.catch(() => undefined); // a gate that fails here also fails its writes, which report it
  void guarded.then((error) => {
    if (error !== undefined) storm.abort(error);
  });
  return {signal: storm.signal, seen: guarded, stop: () => end.abort()};
}

interface StormOptions {
  readonly cluster: Pick<ClusterReader, 'stats'>;
  /** Highest number of new connections per second per gate. */
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
 * Resolves with a description if a gate gets more new connections per second than allowed, because kicked
 * clients reconnect at once. Gates without counters are not watched. Resolves with undefined when the signal
 * aborts.
 */
export async function reconnectStorm(options: StormOptions): Promise<NegativeError | undefined> {
  const {cluster, most, gates, signal, wait} = options;
  const question = new RepeatedQuestion({ask: (gate) => cluster.stats([gate]), now: Date.now});
  const before = new Map<string, Reading>();
  while (!signal.aborted) {
    const now = await readings(question, gates);
    for (const [node, {connects, now: at}] of now) {
      const last = before.get(node);
      before.set(node, {connects, now: at});
      if (last === undefined || at <= last.now) continue;
      const rate = Math.round(((connects - last.connects) * 1000) / (at - last.now));
      if (rate > most)
        return new NegativeError(`stopped: ${node} has ${rate} new connections a second, more than ${most}`, {
          hint: 'wait until they have reconnected, or slow down with --rate; the limit is --max-connects',
        });
    }
    await wait(everyMs, signal);
  }
  return undefined;
}

/** One silent gate does not keep the others from being watched. */
async function readings(
  question: RepeatedQuestion<GateStats>,
  gates: readonly string[],
): Promise<Map<string, Reading>> {
  const {results} = await question.round(gates);
  return new Map([...results].map(([node, {connects, now}]) => [node, {connects, now}]));
}
