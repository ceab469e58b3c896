import type {Store} from '../model/store.js';
import {type ControlDeps, runInBackground} from './control-deps.js';

interface Work {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Running writes and target listings of each store, by number. */
const works = new WeakMap<Store, Map<number, Work>>();
let lastNumber = 0;

/**
 * Starts a job and returns its number. Its signal aborts when the operator stops the job or the
 * dashboard ends.
 */
export function startJob(
  deps: ControlDeps,
  work: (signal: AbortSignal, number: number) => Promise<void>,
): number {
  lastNumber += 1;
  const number = lastNumber;
  const stop = new AbortController();
  const running = works.get(deps.store) ?? new Map<number, Work>();
  works.set(deps.store, running);
  const ended = work(AbortSignal.any([stop.signal, deps.dashboard.signal]), number).finally(
    () => void running.delete(number),
  );
  running.set(number, {stop, ended});
  runInBackground(deps, () => ended);
  return number;
}

/** Stops the job with this number, or the one started last. Returns whether there was one. */
export function stopJob(store: Store, number?: number): boolean {
  const running = works.get(store) ?? new Map<number, Work>();
  const stop = running.get(number ?? Math.max(...running.keys()))?.stop;
  if (stop === undefined || stop.signal.aborted) return false;
  stop.abort();
  return true;
}

/** Resolves when all running jobs have ended, even with errors. */
export async function waitForJobs(store: Store): Promise<void> {
  const running = [...(works.get(store)?.values() ?? [])];
  await Promise.all(running.map(({ended}) => ended.catch(() => {}))); // the caller of `startJob` handles the error
}
