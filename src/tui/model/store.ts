import {useSyncExternalStore} from 'react';
import type {Action} from './action.js';
import type {State} from './state.js';

/** Holds the state and its listeners. Only `dispatch` changes the state. */
export interface Store {
  get(): State;
  dispatch(action: Action): void;
  /** Calls `listener` after each change; the returned function unsubscribes. */
  subscribe(listener: (action: Action) => void): () => void;
}

export function createStore(initial: State, reduce: (state: State, action: Action) => State): Store {
  let state = initial;
  const listeners = new Set<(action: Action) => void>();
  return {
    get: () => state,
    dispatch(action) {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      for (const listener of [...listeners]) listener(action);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** React hook that returns the state and rerenders after each change. */
export const useStore = ({get, subscribe}: Pick<Store, 'get' | 'subscribe'>): State =>
  useSyncExternalStore(subscribe, get, get);
