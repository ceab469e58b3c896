/** Milliseconds of the fastest of ten: what even that one takes is the work's own, whatever else the machine does. */
export async function fastestMs(work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let at = 0; at < 10; at += 1) {
    const started = performance.now();
    await work();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}
