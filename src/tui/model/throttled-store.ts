import {isFeedAction} from './action.js';
import type {State} from './state.js';
import type {Store} from './store.js';

/** A view of the store that notifies immediately after user actions and batches cluster updates. */
interface ThrottledStore extends Pick<Store, 'get' | 'subscribe'> {
  end(): void;
}

/** Minimum time between background updates, in milliseconds: five frames per second, as many as a person can follow. */
const newsGapMs = 200;
/** Delay in milliseconds that lets the answers of several gates share a frame. */
const togetherMs = 100;
/** Updates within this many milliseconds after a user action count as its result. */
const answerMs = 100;
const answerGapMs = 16;

/** Creates a throttled view of the store. `now` returns monotonic milliseconds. */
export function throttledStore(store: Store, now: () => number): ThrottledStore {
  const listeners = new Set<Parameters<Store['subscribe']>[0]>();
  let shown: State = store.get();
  let lastDrawn = Number.NEGATIVE_INFINITY;
  let lastDeed = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;

  const off = store.subscribe((action) => {
    const at = now();
    const draw = (): void => {
      clearTimeout(timer);
      timer = undefined;
      shown = store.get();
      lastDrawn = now();
      for (const listener of [...listeners]) listener(action);
    };
    if (!isFeedAction(action)) {
      lastDeed = at;
      return draw();
    }
    const isAnswer = at - lastDeed < answerMs;
    const wait = Math.max(isAnswer ? 0 : togetherMs, lastDrawn + (isAnswer ? answerGapMs : newsGapMs) - at);
    timer ??= setTimeout(draw, wait);
  });
  return {
    get: () => shown,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    end() {
      off();
      clearTimeout(timer);
    },
  };
}
