import {setTimeout as sleep} from 'node:timers/promises';
import {messageAndHint} from '../../base/error-details.js';
import {GatectlError, PermissionError} from '../../base/errors.js';
import type {TraceEvent} from '../../cluster/cluster.js';
import type {DashboardDeps} from '../dashboard-deps.js';
import type {Store} from '../model/store.js';
import {tracedSelector} from '../search/screen-filter.js';
import {Batcher} from './batcher.js';

const retryMs = 2000;
const summaryEveryMs = 1000;
/**
 * Callers hidden by default: gatectl itself, because the dashboard polls each gate every few
 * seconds.
 */
const ownCallers = ['gatectl/*'] as const;

/** Maximum length of a captured argument or result, in characters. */
const maxBodyChars = 64 * 1024;

/**
 * Traces the bus while the trace screen, or a screen opened from it, is open. Returns a function that stops
 * it.
 */
export function startTraceFeed(store: Store, deps: DashboardDeps): () => void {
  let key: string | undefined;
  let current = new AbortController();
  const look = (): void => {
    const state = store.get();
    const {hidesOwn, hasBodies, unavailable} = state.trace;
    const isOpen = state.stack.some(({name}) => name === 'trace') && unavailable === undefined;
    const where = tracedSelector(state.filters.trace);
    const next = isOpen ? `${hidesOwn} ${hasBodies} ${where?.text ?? ''}` : undefined;
    if (next === key) return;
    key = next;
    current.abort();
    if (next === undefined || deps.signal.aborted) return;
    current = new AbortController();
    void listen(store, deps, current.signal);
  };
  const off = store.subscribe(look);
  return () => {
    off();
    current.abort();
  };
}

async function listen(store: Store, {cluster, now}: DashboardDeps, signal: AbortSignal): Promise<void> {
  const {filters, trace} = store.get();
  const where = tracedSelector(filters.trace);
  const {hasBodies: bodies} = trace;
  const exceptCallers = trace.hidesOwn ? ownCallers : undefined; // totals leave them out too
  const query = {where, exceptCallers, bodies, maxBodyChars, summaryEveryMs, signal};
  while (!signal.aborted) {
    const batch = new Batcher<TraceEvent>((events) => store.dispatch({type: 'traced', events}));
    try {
      for await (const event of cluster.trace(query)) batch.add(event);
    } catch (error) {
      if (signal.aborted) return; // the cluster is closing
      if (!(error instanceof GatectlError)) throw error;
      const message = messageAndHint(error);
      if (error instanceof PermissionError)
        return store.dispatch({type: 'trace-refused', message, at: now()});
      store.dispatch({type: 'failed', what: 'trace', message: `trace failed: ${message}`, at: now()});
    } finally {
      batch.end();
    }
    await sleep(retryMs, undefined, {signal}).catch(() => {});
  }
}
