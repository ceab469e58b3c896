/**
 * Milliseconds of the fastest of ten tries: what even that one takes is the work's own, whatever else the machine does.
 * It stops at a try of `enough` or less.
 */
export const fastestMs = (work: () => unknown, enough = 0): Promise<number> =>
  fastest(work, enough, () => performance.now());

/** The same in processor time, for work that waits for nothing: time of other processes does not count. */
export const fastestCpuMs = (work: () => unknown, enough = 0): Promise<number> =>
  fastest(work, enough, () => {
    const {user, system} = process.cpuUsage();
    return (user + system) / 1000;
  });

async function fastest(work: () => unknown, enough: number, clockMs: () => number): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let at = 0; at < 10 && best > enough; at += 1) {
    const started = clockMs();
    await work();
    best = Math.min(best, clockMs() - started);
  }
  return best;
}
