import cluster from 'node:cluster';
import {onAbort} from '../../base/abort-signals.js';

/** The parent of a gate process that is one of several. */
interface ParentProcess {
  /** Aborts with the given signal, when the parent requests it, or when the parent exits. */
  readonly signal: AbortSignal;
  /**
   * Calls `listener` each time the parent requests that the config be reloaded. Returns a function that removes it.
   */
  onReload(listener: () => void): () => void;
  /** Reports to the parent that the gate is ready. */
  serves(): void;
}

/** Returns the parent; undefined if this process is not one of several. */
export function parentProcess(signal: AbortSignal): ParentProcess | undefined {
  const {worker} = cluster;
  if (worker === undefined) return undefined;
  const stop = new AbortController();
  onAbort(signal, () => stop.abort(signal.reason));
  const listeners = new Set<() => void>();
  worker.on('message', (message) => {
    if (message !== 'reload') return stop.abort();
    for (const listener of listeners) listener();
  });
  worker.once('disconnect', () => {
    worker.exitedAfterDisconnect = true; // otherwise Node exits immediately, without closing the clients' connections
    stop.abort();
  });
  return {
    signal: stop.signal,
    serves: () => void worker.send('serves', () => {}),
    onReload: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
