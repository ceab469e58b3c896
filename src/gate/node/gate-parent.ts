import cluster from 'node:cluster';

/** What a gate that is one of several processes has to do with the one that started it. */
export interface ParentProcess {
  /** Aborts when the given signal does, when the parent says so, and when the parent is gone. */
  readonly signal: AbortSignal;
  /** Has `listener` called when the parent says that the config is to be read again. */
  onReload(listener: () => void): () => void;
  /** Tells the parent that clients are served. */
  serves(): void;
}

/** Undefined where nobody started this process as one of several. */
export function parentProcess(signal: AbortSignal): ParentProcess | undefined {
  const {worker} = cluster;
  if (worker === undefined) return undefined;
  const stop = new AbortController();
  signal.addEventListener('abort', () => stop.abort(signal.reason));
  const listeners = new Set<() => void>();
  worker.on('message', (message) => {
    if (message !== 'reload') return stop.abort();
    for (const listener of listeners) listener();
  });
  worker.once('disconnect', () => {
    worker.exitedAfterDisconnect = true; // or Node ends the process here and now, with its clients
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
