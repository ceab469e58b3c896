/**
 * Milliseconds of the fastest of ten tries: what even that one takes is the work's own, whatever else the machine does.
 * It stops at a try of `enough` or less.
 */
export async function fastestMs(work: () => unknown, enough = 0): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let at = 0; at < 10 && best > enough; at += 1) {
    const started = performance.now();
    await work();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}
