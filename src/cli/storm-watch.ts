import type {Cluster} from '../cluster/cluster.js';
import {NegativeError} from '../errors.js';

export interface StormOptions {
  readonly cluster: Cluster;
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
export async function stormOn(options: StormOptions): Promise<NegativeError | undefined> {
  const {cluster, most, gates, signal, wait} = options;
  let before = new Map<string, Reading>();
  while (!signal.aborted) {
    const now = await readings(cluster, gates);
    for (const [node, {connects, now: at}] of now) {
      const last = before.get(node);
      if (last === undefined || at <= last.now) continue;
      const rate = Math.round(((connects - last.connects) * 1000) / (at - last.now));
      if (rate > most)
        return new NegativeError(`stopped: ${node} has ${rate} new connections a second, more than ${most}`, {
          hint: 'let them come back first, or go slower: --rate; the bound is --max-connects',
        });
    }
    before = now;
    await wait(everyMs, signal);
  }
  return undefined;
}

async function readings(cluster: Cluster, gates: readonly string[]): Promise<Map<string, Reading>> {
  const {results} = await cluster.stats(gates);
  return new Map([...results].map(([node, {connects, now}]) => [node, {connects, now}]));
}
