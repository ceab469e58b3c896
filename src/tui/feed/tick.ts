const beatMs = 1000;

/** The beat that a dashboard looks at its cluster by: what is asked and drawn at once costs a frame and not several. */
export interface Tick {
  /** Milliseconds until the beat nearest to so many from now. */
  msUntilTick(ms: number): number;
}

/** Begins now: dashboards of several operators do not all ask at the same moment. */
export function createTick(now: () => number): Tick {
  const start = now();
  return {
    msUntilTick(ms) {
      const at = now() - start;
      return Math.max(1, Math.round((at + ms) / beatMs) * beatMs - at);
    },
  };
}
