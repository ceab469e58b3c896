import type {Store} from '../model/store.js';
import {type ControlDeps, runInBackground} from './control-deps.js';

interface Work {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** What is under way for a screen: a write, or the question whom it is for. There is never more than one. */
const works = new WeakMap<Store, Work>();

/** Starts it; its signal aborts when the operator stops it, and when the dashboard ends. */
export function startWork(deps: ControlDeps, work: (signal: AbortSignal) => Promise<void>): void {
  const stop = new AbortController();
  const ended = work(AbortSignal.any([stop.signal, deps.dashboard.signal]));
  works.set(deps.store, {stop, ended});
  runInBackground(deps, () => ended);
}

/** Whether there was something to stop. */
export function stopWork(store: Store): boolean {
  const stop = works.get(store)?.stop;
  if (stop === undefined || stop.signal.aborted) return false;
  stop.abort();
  return true;
}

/** Resolves when what is under way has ended, however it did. */
export async function waitForWork(store: Store): Promise<void> {
  await works.get(store)?.ended.catch(() => {}); // whoever started it hears what it threw
}
