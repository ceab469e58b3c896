import type {Store} from '../model/store.js';
import {type ControlDeps, runInBackground} from './control-deps.js';

interface Work {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** The running write or target listing of each store; at most one. */
const works = new WeakMap<Store, Work>();

/** Starts the work. Its signal aborts when the operator stops it or the dashboard ends. */
export function startWork(deps: ControlDeps, work: (signal: AbortSignal) => Promise<void>): void {
  const stop = new AbortController();
  const ended = work(AbortSignal.any([stop.signal, deps.dashboard.signal]));
  works.set(deps.store, {stop, ended});
  runInBackground(deps, () => ended);
}

/** Stops the running work. Returns whether there was any. */
export function stopWork(store: Store): boolean {
  const stop = works.get(store)?.stop;
  if (stop === undefined || stop.signal.aborted) return false;
  stop.abort();
  return true;
}

/** Resolves when the running work has ended, also after an error. */
export async function waitForWork(store: Store): Promise<void> {
  await works.get(store)?.ended.catch(() => {}); // the starter handles the error
}
