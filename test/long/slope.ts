/** The straight line through samples that were taken every so many milliseconds: how much a minute. */
export function slopePerMinute(samples: readonly number[], everyMs: number): number {
  const middle = (samples.length - 1) / 2;
  const mean = samples.reduce((sum, one) => sum + one, 0) / samples.length;
  let [up, across] = [0, 0];
  for (const [at, value] of samples.entries()) {
    up += (at - middle) * (value - mean);
    across += (at - middle) ** 2;
  }
  return across === 0 ? 0 : (up / across) * (60_000 / everyMs);
}
