import {setTimeout as wait} from 'node:timers/promises';

/** A turn of a loop that took so long needs no rest after it. */
const steadyMs = 1000;
const firstRestMs = 100;
/** Small enough that a server that is back is noticed within some seconds. */
const longestRestMs = 2000;

export interface PaceOptions {
  readonly now?: (() => number) | undefined;
  readonly random?: (() => number) | undefined;
  readonly rest?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
}

/**
 * Holds back a loop whose turns should take long by themselves, such as a long poll or a reconnect, and that would run hot
 * when they end at once, whether they succeed or fail. Rests grow with each quick turn in a row, and are jittered.
 */
export class Pace {
  private began: number;
  private quickTurns = 0;

  constructor(private readonly options: PaceOptions = {}) {
    this.began = this.now();
  }

  /** Ends a turn and begins the next one. Resolves early when the signal aborts. */
  async rest(signal: AbortSignal): Promise<void> {
    const {random = Math.random, rest = resting} = this.options;
    const isQuick = this.now() - this.began < steadyMs;
    this.quickTurns = isQuick ? this.quickTurns + 1 : 0;
    if (isQuick) {
      const restMs = Math.min(longestRestMs, firstRestMs * 2 ** (this.quickTurns - 1));
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
