import {setTimeout as sleep} from 'node:timers/promises';
import {messageAndHint} from '../../base/error-details.js';
import {GatectlError, PermissionError} from '../../base/errors.js';
import type {TraceEvent} from '../../cluster/cluster.js';
import type {DashboardDeps} from '../dashboard-deps.js';
import {currentScreen} from '../model/state.js';
import type {Store} from '../model/store.js';
import {Batcher} from './batcher.js';

const retryMs = 2000;
const summaryEveryMs = 1000;
/**
 * Callers hidden by default: gatectl itself, because the dashboard polls each gate every few
 * seconds.
 */
const ownCallers = ['gatectl/*'] as const;

/** Traces the bus while the trace screen is open. Returns a function that ends this. */
export function startTraceFeed(store: Store, deps: DashboardDeps): () => void {
  let key: string | undefined;
  let current = new AbortController();
  const look = (): void => {
    const state = store.get();
    const isShown = currentScreen(state).name === 'trace' && state.trace.unavailable === undefined;
    const {hidesOwn} = state.trace;
    const next = isShown ? `${hidesOwn} ${state.filters.trace.text}` : undefined;
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
  const {selector: where} = filters.trace;
  const exceptCallers = trace.hidesOwn ? ownCallers : undefined; // totals leave them out too
  while (!signal.aborted) {
    const batch = new Batcher<TraceEvent>((events) => store.dispatch({type: 'traced', events}));
    try {
      for await (const event of cluster.trace({where, exceptCallers, summaryEveryMs, signal}))
        batch.add(event);
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
