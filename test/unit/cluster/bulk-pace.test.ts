import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {expect, test} from 'vitest';
import {runPacedWrites, type Target} from '../../../src/cluster/write/paced-writes.js';

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
  const outcomes = runPacedWrites({
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

/** Bytes of the heap that a run holds after so many of its writes, for each target. */
async function heldPerTarget(rate: number): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heapUsed = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const count = 8000;
  let [now, begun, early, late] = [0, 0, 0, 0];
  const outcomes = runPacedWrites({
    targets: Array.from({length: count}, (_, at) => ({node: 'Gate@a', id: `${at}`, uid: ''})),
    act: async (some: readonly Target[]) => {
      begun += 1;
      if (begun === count / 8) early = heapUsed();
      if (begun === count) late = heapUsed();
      await new Promise((resolve) => setImmediate(resolve));
      return some.map(() => ({state: 'done' as const}));
    },
    clock: {
      now: () => now,
      wait: async (ms: number) => {
        now += ms;
        await new Promise((resolve) => setImmediate(resolve));
      },
    },
    ...{batch: 1, rate, maxErrors: 1, signal: new AbortController().signal},
  });
  for await (const {state} of outcomes) expect(state).toBe('done');
  return (late - early) / (count * (7 / 8));
}

test.each([0, 1000])('a run at %i writes a second holds no more memory at its end', async (rate) => {
  expect(await heldPerTarget(rate)).toBeLessThan(60);
});

test('a stop ends a pause and a wait for a free slot at once', async () => {
  for (const rate of [0.001, 0]) {
    const stop = new AbortController();
    const never = new Promise<never>(() => {});
    const outcomes = runPacedWrites({
      targets: Array.from({length: 300}, (_, at) => ({node: 'Gate@a', id: `${at}`, uid: ''})),
      act: async () => await never,
      clock: {now: () => 0, wait: async (ms) => (ms < 1000 ? undefined : await never)},
      ...{batch: 1, rate, maxErrors: 1, signal: stop.signal},
    });
    setImmediate(() => stop.abort());
    const states: string[] = [];
    for await (const {state} of outcomes) states.push(state);
    expect(states).toEqual(Array.from({length: rate === 0 ? 200 : 1}, () => 'unknown'));
  }
});
