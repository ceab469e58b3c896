import {isFeedAction} from './action.js';
import type {State} from './state.js';
import type {Store} from './store.js';

/** States that are drawn: what the operator did at once, news some times a second and those that come together as one. */
export interface ThrottledStore extends Pick<Store, 'get' | 'subscribe'> {
  end(): void;
}

/** As often as the painter shows frames that nobody asked for. */
const newsGapMs = 1000 / 12;
/** Answers of several gates to one question are seldom further apart. */
const togetherMs = 30;
/** News of so short a time after the operator did something are most likely its answer. */
const answerMs = 100;
const answerGapMs = 16;

/** `now` in monotonic milliseconds. */
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
