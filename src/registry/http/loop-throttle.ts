import {setTimeout as wait} from 'node:timers/promises';

/** An iteration that takes at least this long needs no delay. */
const steadyMs = 1000;
const firstRestMs = 100;
/** Short enough to notice within seconds that a server is back. */
const maxRestMs = 2000;

interface PaceOptions {
  readonly now?: (() => number) | undefined;
  readonly random?: (() => number) | undefined;
  readonly rest?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
}

/**
 * Throttles a loop whose iterations usually take long, such as a long poll or a reconnect, and which would spin if
 * they return immediately. Delays grow with each quick iteration in a row, and have jitter.
 */
export class LoopThrottle {
  private began: number;
  private quickTurns = 0;

  constructor(private readonly options: PaceOptions = {}) {
    this.began = this.now();
  }

  /** Ends an iteration and delays the next one. Resolves early if the signal aborts. */
  async rest(signal: AbortSignal): Promise<void> {
    const {random = Math.random, rest = resting} = this.options;
    const isQuick = this.now() - this.began < steadyMs;
    this.quickTurns = isQuick ? this.quickTurns + 1 : 0;
    if (isQuick) {
      const restMs = Math.min(maxRestMs, firstRestMs * 2 ** (this.quickTurns - 1));
      await rest(restMs * (0.75 + random() / 2), signal);
    }
    this.began = this.now();
  }

  private now(): number {
    return (this.options.now ?? performance.now.bind(performance))();
  }
}

async function resting(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, {signal}).catch(() => {});
}
