import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {createPollTick} from '../../../../src/tui/feed/poll-tick.js';

beforeEach(() => void vi.useFakeTimers({now: 500}));
afterEach(() => void vi.useRealTimers());

const {signal} = new AbortController();

/** Returns when the wait ended, once it has. */
function timeOf(wait: Promise<void>): {at?: number} {
  const end: {at?: number} = {};
  void wait.then(() => {
    end.at = Date.now();
  });
  return end;
}

test('keeps its schedule, however long an answer took', async () => {
  const tick = createPollTick(Date.now);
  const ends = [timeOf(tick.wait(2000, signal))];
  await vi.advanceTimersByTimeAsync(30);
  ends.push(timeOf(tick.wait(2000, signal)));
  await vi.advanceTimersByTimeAsync(969);
  ends.push(timeOf(tick.wait(0, signal)));
  await vi.advanceTimersByTimeAsync(5000);
  expect(ends).toEqual([{at: 2500}, {at: 2500}, {at: 1500}]);
});

test('serves all waits for a tick with one timer', async () => {
  const tick = createPollTick(Date.now);
  const ends = [2000, 1900, 2100].map((ms) => timeOf(tick.wait(ms, signal)));
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(ends).toEqual([{at: 2500}, {at: 2500}, {at: 2500}]);
});

test('ends a wait when its signal aborts, and no other', async () => {
  const tick = createPollTick(Date.now);
  const stop = new AbortController();
  const [stopped, other] = [timeOf(tick.wait(1000, stop.signal)), timeOf(tick.wait(1000, signal))];
  await vi.advanceTimersByTimeAsync(100);
  stop.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect([stopped, other]).toEqual([{at: 600}, {}]);
  expect(timeOf(tick.wait(1000, stop.signal))).toEqual({});
  await vi.advanceTimersByTimeAsync(900);
  expect(other).toEqual({at: 1500});
});
