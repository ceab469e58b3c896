import {setTimeout as delay} from 'node:timers/promises';

export interface Until {
  readonly timeoutMs?: number;
  /** What is waited for, as it reads after "timed out waiting for". */
  readonly what?: string;
  readonly everyMs?: number;
}

type Found<T> = Exclude<T, false | null | undefined>;

/**
 * Asks again until the answer is neither undefined, null nor false; a condition that throws counts as not yet. The deadline is
 * for what never comes, and far from what a busy machine takes: a test that is about time says so itself.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  {timeoutMs = 20_000, what = 'a condition', everyMs = 10}: Until = {},
): Promise<Found<T>> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await condition();
      if (answer !== undefined && answer !== null && answer !== false) return answer as Found<T>;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      throw new Error(`timed out after ${timeoutMs} ms waiting for ${what}`, {cause: last});
    }
    await delay(everyMs);
  }
}
