import {expect, test} from 'vitest';
import {RecentMap} from '../../../src/base/recent-map.js';

test('keeps the entries that were set last', () => {
  const map = new RecentMap<string, number>(3);
  for (const [at, key] of ['a', 'b', 'c', 'a', 'd'].entries()) map.set(key, at);
  expect([...map]).toEqual([
    ['c', 2],
    ['a', 3],
    ['d', 4],
  ]);
});

test('D8: takes time by the number of entries, and a bounded amount of memory', () => {
  const secondsFor = (most: number): number => {
    const map = new RecentMap<number, number>(most);
    const {user} = process.cpuUsage();
    for (let at = 0; at < 200_000; at += 1) map.set(at, at);
    expect(map.size).toBeLessThanOrEqual(most);
    expect(map.size).toBeGreaterThan(most * 0.9);
    return process.cpuUsage({user, system: 0}).user / 1e6;
  };
  // one entry evicted at a time takes 30 s for the larger one
  expect(secondsFor(100_000)).toBeLessThan(Math.max(1, 20 * secondsFor(1000)));
});
