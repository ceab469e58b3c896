import {hrtime} from 'node:process';

/** Milliseconds on a clock that nobody sets. Not `performance.now`, whose module costs a short command 1 ms. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
