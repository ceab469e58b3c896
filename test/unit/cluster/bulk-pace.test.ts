import {expect, test} from 'vitest';
import {pacedWrites, type Target} from '../../../src/cluster/write/bulk.js';

/** When each of so many targets of one gate was written to, on a clock that stands still from 1 s to 11 s for whoever waits. */
async function begun(count: number, rate: number): Promise<readonly number[]> {
  let now = 0;
  const clock = {
    now: () => now,
    wait: async (ms: number) => {
      const end = now + ms;
      now = end >= 1000 && now < 1000 ? end + 10_000 : end;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  const times: number[] = [];
  const outcomes = pacedWrites({
    targets: Array.from({length: count}, (_, at) => ({node: 'Gate@a', id: `${at}`, uid: ''})),
    act: async (some: readonly Target[]) => {
      times.push(now);
      return some.map(() => ({state: 'done' as const}));
    },
    batch: 1,
    rate,
    maxErrors: 1,
    signal: new AbortController().signal,
    clock,
  });
  let done = 0;
  for await (const {state} of outcomes) if (state === 'done') done += 1;
  expect(done).toBe(count);
  return times;
}

test('D08: keeps the pace after a pause of the process, without a burst', async () => {
  const times = await begun(200, 20);
  expect(times).toHaveLength(200);
  for (const from of times) {
    const within = times.filter((time) => time >= from && time < from + 1000);
    expect(within.length, `writes in the second from ${from}`).toBeLessThanOrEqual(20 + 2);
  }
  const took = (times.at(-1) ?? 0) - 10_000;
  expect(took).toBeLessThanOrEqual(199 * 50);
  expect(took).toBeGreaterThan(199 * 50 - 200);
});
