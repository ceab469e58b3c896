import cluster from 'node:cluster';

/** What a gate that is one of several processes has to do with the one that started it. */
export interface ParentProcess {
  /** Aborts when the given signal does, when the parent says so, and when the parent is gone. */
  readonly signal: AbortSignal;
  /** Tells the parent that clients are served. */
  serves(): void;
}

/** Undefined where nobody started this process as one of several. */
export function parentProcess(signal: AbortSignal): ParentProcess | undefined {
  const {worker} = cluster;
  if (worker === undefined) return undefined;
  const stop = new AbortController();
  signal.addEventListener('abort', () => stop.abort(signal.reason));
  worker.on('message', () => stop.abort());
  worker.once('disconnect', () => {
    worker.exitedAfterDisconnect = true; // or Node ends the process here and now, with its clients
    stop.abort();
  });
  return {signal: stop.signal, serves: () => void worker.send('serves', () => {})};
}
