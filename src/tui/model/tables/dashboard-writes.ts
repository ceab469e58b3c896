import {tableWindow} from '../derived-state.js';
import type {DashboardWrite} from '../dialog-types.js';
import type {State} from '../state.js';

/** Maximum number of finished writes kept. */
const mostEnded = 50;

/** Adds a write, or updates the one with the same number. */
export function withDashboardWrite(
  writes: readonly DashboardWrite[],
  write: DashboardWrite,
): readonly DashboardWrite[] {
  const others = writes.filter(({number}) => number !== write.number);
  const ended = others.filter(({result}) => result !== undefined).slice(-mostEnded);
  const running = others.filter(({result}) => result === undefined);
  return [...ended, ...running, write].sort((one, other) => one.number - other.number);
}

export const runningWriteCount = ({writes}: State): number =>
  writes.filter(({result}) => result === undefined).length;

const newestOf = new WeakMap<readonly DashboardWrite[], readonly DashboardWrite[]>();

/** Returns the writes, newest first. */
export function writesNewestFirst({writes}: State): readonly DashboardWrite[] {
  const known = newestOf.get(writes) ?? writes.toReversed();
  newestOf.set(writes, known);
  return known;
}

export const writeRowKeys = (state: State): readonly string[] =>
  writesNewestFirst(state).map(({number}) => String(number));

export function cursorWrite(state: State): DashboardWrite | undefined {
  return writesNewestFirst(state)[tableWindow(state.tables.writes, writeRowKeys(state), 1).index];
}

export const writeStateText = ({result}: DashboardWrite): string =>
  result === undefined ? 'running' : result.tone === 'good' ? 'done' : 'failed';
