import {setTimeout as sleep} from 'node:timers/promises';
import {NegativeError} from '../../base/errors.js';
import type {GateStats} from '../../session/gate-api.js';
import type {ClusterReader} from '../cluster.js';
import {RepeatedQuestion} from '../read/repeated-question.js';
import type {Target} from './bulk.js';

/** A watch over gates while many are written to. */
interface StormWatch {
  /** Aborted by a storm, with what was seen as its reason. */
  readonly signal: AbortSignal;
  /** What was seen, once the watch has ended; undefined when there was no storm. */
  readonly seen: Promise<NegativeError | undefined>;
  stop(): void;
}

interface GuardOptions {
  readonly cluster: Pick<ClusterReader, 'stats'>;
  readonly verb: string;
  readonly targets: readonly Target[];
  /** Writes a second on each gate; 0 for no bound. */
  readonly rate: number;
  /** New connections a second that a gate may see. Without it kicks have the usual bound, and other writes none. */
  readonly maxConnects?: number | undefined;
  readonly signal: AbortSignal;
}

/** Only kicked clients come back in a rush; other writes are watched when a bound is given. */
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
  const guarded = seen.catch(() => undefined); // a gate that cannot be asked is told of by its writes
  void guarded.then((error) => {
    if (error !== undefined) storm.abort(error);
  });
  return {signal: storm.signal, seen: guarded, stop: () => end.abort()};
}

interface StormOptions {
  readonly cluster: Pick<ClusterReader, 'stats'>;
  /** New connections a second that a gate may see. */
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
 * Resolves with what happened when a gate sees more new connections a second than it should, because those who were
 * kicked come back in a rush. Gates that do not count are not watched; undefined when the signal ended it.
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
          hint: 'let them come back first, or go slower: --rate; the bound is --max-connects',
        });
    }
    await wait(everyMs, signal);
  }
  return undefined;
}

/** A gate that is silent does not keep the others from being watched. */
async function readings(
  question: RepeatedQuestion<GateStats>,
  gates: readonly string[],
): Promise<Map<string, Reading>> {
  const {results} = await question.round(gates);
  return new Map([...results].map(([node, {connects, now}]) => [node, {connects, now}]));
}
