import type {DashboardWrite} from '../dialog.js';
import {tableWindow} from '../selectors.js';
import type {State} from '../state.js';

/** Maximum number of finished writes kept. */
const mostEnded = 50;

/** Adds a write, or updates the one with the same number. */
export function withWrite(
  writes: readonly DashboardWrite[],
  write: DashboardWrite,
): readonly DashboardWrite[] {
  const others = writes.filter(({number}) => number !== write.number);
  const ended = others.filter(({result}) => result !== undefined).slice(-mostEnded);
  const running = others.filter(({result}) => result === undefined);
  return [...ended, ...running, write].sort((one, other) => one.number - other.number);
}

export const runningWrites = ({writes}: State): number =>
  writes.filter(({result}) => result === undefined).length;

const newestOf = new WeakMap<readonly DashboardWrite[], readonly DashboardWrite[]>();

/** Returns the writes, newest first. */
export function newestWrites({writes}: State): readonly DashboardWrite[] {
  const known = newestOf.get(writes) ?? writes.toReversed();
  newestOf.set(writes, known);
  return known;
}

export const writeKeys = (state: State): readonly string[] =>
  newestWrites(state).map(({number}) => String(number));

export function cursorWrite(state: State): DashboardWrite | undefined {
  return newestWrites(state)[tableWindow(state.tables.writes, writeKeys(state), 1).index];
}

export const writeState = ({result}: DashboardWrite): string =>
  result === undefined ? 'running' : result.tone === 'good' ? 'done' : 'failed';
