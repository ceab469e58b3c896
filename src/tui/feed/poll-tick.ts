const tickMs = 1000;

/** Aligns polls to a common tick, so that their answers share a frame. */
export interface PollTick {
  /** Returns the milliseconds until the tick nearest to `ms` from now. */
  msUntilTick(ms: number): number;
}

/** Creates a tick that starts now, so that several dashboards don't poll in step. */
export function createPollTick(now: () => number): PollTick {
  const start = now();
  return {
    msUntilTick(ms) {
      const at = now() - start;
      return Math.max(1, Math.round((at + ms) / tickMs) * tickMs - at);
    },
  };
}
