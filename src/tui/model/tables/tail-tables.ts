import {eventsForSession, filteredEvents} from '../derived-state.js';
import {currentScreen, type State} from '../state.js';
import {sortedCalls} from './traced-calls.js';

/** Whether the current table is a tail: new rows are appended at the end. */
export function isTailTable(state: State): boolean {
  switch (currentScreen(state).name) {
    case 'events':
      return state.sorts.events === undefined;
    case 'trace':
      return state.trace.view === 'calls' && state.sorts.trace === undefined;
    case 'session':
      return state.detail?.pane === 'events';
    default:
      return false;
  }
}

/** Returns the row numbers of the current tail, oldest first. */
function tailNumbers(state: State): readonly number[] {
  const {name} = currentScreen(state);
  if (name === 'trace') return sortedCalls(state).map(({number}) => number);
  if (name === 'events') return filteredEvents(state).map(({number}) => number);
  const {detail} = state;
  if (detail === undefined) return [];
  return eventsForSession(state, detail.reference, detail.session?.userId ?? '').map(({number}) => number);
}

/**
 * Returns the number of rows below the cursor of a paused tail; undefined while it follows new
 * rows.
 */
export function pausedTailRowCount(state: State): number | undefined {
  const {key} = state.tables[currentScreen(state).name];
  if (!isTailTable(state) || key === undefined) return undefined;
  const cursor = Number(key);
  return tailNumbers(state).filter((number) => number > cursor).length;
}
