import {hrtime} from 'node:process';

/** Returns milliseconds of a monotonic clock. Avoids `performance.now`, whose module costs a short command 1 ms. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
