import {expect, test} from 'vitest';
import {LoopThrottle} from '../../../../src/registry/http/loop-throttle.js';

/** A pace on a clock of its own: how long each rest was, for turns that took so long. */
async function restsAfter(turnsMs: readonly number[]): Promise<number[]> {
  let now = 0;
  const rests: number[] = [];
  const pace = new LoopThrottle({
    now: () => now,
    random: () => 0.5,
    rest: async (ms) => {
      rests.push(ms);
      now += ms;
    },
  });
  for (const ms of turnsMs) {
    now += ms;
    const before = rests.length;
    await pace.rest(new AbortController().signal);
    if (rests.length === before) rests.push(0);
  }
  return rests;
}

test('B5: increases the delay of quick rounds up to two seconds, and resets it after a long one', async () => {
  const quick = [0, 0, 0, 0, 0, 0, 0];
  expect(await restsAfter([...quick, 30_000, 0, 999, 1000])).toEqual([
    ...[100, 200, 400, 800, 1600, 2000, 2000],
    ...[0, 100, 200, 0],
  ]);
});

test('B5: a delay ends with the signal', async () => {
  const stop = new AbortController();
  const resting = new LoopThrottle().rest(stop.signal);
  stop.abort();
  await resting;
});
