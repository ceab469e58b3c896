import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {initialState} from '../../../../src/tui/model/initial-state.js';
import {reduce} from '../../../../src/tui/model/reduce/reduce.js';
import {createStore} from '../../../../src/tui/model/store.js';
import {throttledStore} from '../../../../src/tui/model/throttled-store.js';
import {someAbout} from '../../../support/dashboard.js';

describe('the throttled store', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function world() {
    const store = createStore(initialState(someAbout, {columns: 80, rows: 24}, 0), reduce);
    const drawn = throttledStore(store, () => Date.now());
    let frames = 0;
    drawn.subscribe(() => void frames++);
    const tick = (now: number): void => store.dispatch({type: 'tick', now});
    return {store, drawn, tick, frames: () => frames};
  }

  test('combines simultaneous updates into one frame, a moment later', () => {
    const {drawn, tick, frames} = world();
    for (const now of [1, 2, 3]) tick(now);
    expect(frames()).toBe(0);
    vi.advanceTimersByTime(100);
    expect(frames()).toBe(1);
    expect(drawn.get().now).toBe(3);
  });

  test('draws continuous updates five times a second', () => {
    const {tick, frames} = world();
    for (let now = 0; now < 1000; now += 5) {
      tick(now);
      vi.advanceTimersByTime(5);
    }
    expect(frames()).toBeGreaterThanOrEqual(4);
    expect(frames()).toBeLessThanOrEqual(5);
  });

  test('draws input at once with pending updates, and its answer soon after', () => {
    const {store, drawn, tick, frames} = world();
    tick(1);
    store.dispatch({type: 'go', screen: {name: 'sessions'}});
    expect(frames()).toBe(1);
    expect(drawn.get().now).toBe(1);
    tick(2);
    vi.advanceTimersByTime(16);
    expect(frames()).toBe(2);
  });

  test('draws nothing after it ended', () => {
    const {drawn, tick, frames} = world();
    tick(1);
    drawn.end();
    vi.advanceTimersByTime(1000);
    tick(2);
    expect(frames()).toBe(0);
  });
});
