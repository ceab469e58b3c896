import {onAbort} from '../../base/abort-signals.js';

const tickMs = 1000;

/** Aligns polls to a common tick, so that their requests share a write and their answers a frame. */
export interface PollTick {
  /** Resolves at the tick nearest to `ms` from now, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Creates a tick that starts now, so that several dashboards don't poll in step. One timer serves all waits for a tick. */
export function createPollTick(now: () => number): PollTick {
  const start = now();
  const waiting = new Map<number, Set<() => void>>();

  function waitersOf(tick: number): Set<() => void> {
    const known = waiting.get(tick);
    if (known !== undefined) return known;
    const waiters = new Set<() => void>();
    waiting.set(tick, waiters);
    const wake = (): void => {
      waiting.delete(tick);
      for (const resolve of waiters) resolve();
    };
    setTimeout(wake, Math.max(1, start + tick * tickMs - now())).unref(); // the terminal keeps the process alive
    return waiters;
  }

  return {
    wait(ms, signal) {
      if (signal.aborted) return Promise.resolve();
      const waiters = waitersOf(Math.round((now() - start + ms) / tickMs));
      return new Promise((resolve) => {
        const end = (): void => {
          unlisten();
          waiters.delete(end);
          resolve();
        };
        const unlisten = onAbort(signal, end);
        waiters.add(end);
      });
    },
  };
}
