import type {FilterName} from '../search/screen-filter.js';
import {eventsForSession} from './derived-state.js';
import {currentScreen, type State} from './state.js';
import {overviewRows} from './tables/overview-rows.js';
import {sortedRecords, sortedSettings} from './tables/sorted-rows.js';
import {sortedCalls, sortedFunctions} from './tables/traced-calls.js';

/**
 * Returns the row keys of the overview. The first row, with the key "", is the total of all gates.
 */
export const overviewRowKeys = (state: State): readonly string[] => overviewRows(state).map(({id}) => id);

export const sessionsRowKeys = ({sessions}: State): readonly string[] => sessions.rows.map(({key}) => key);

export const recordsRowKeys = (state: State): readonly string[] => sortedRecords(state).map(({uid}) => uid);

/** Fields shown above the settings on the session screen, in display order. */
export const sessionFieldNames: readonly string[] = [
  ...['id', 'state', 'uid', 'gate', 'network', 'age', 'idle', 'messages', 'waiting'],
  ...['record', 'topics', 'trace id', 'also on'],
];

/** Returns the row keys of the session screen: field names, setting names or event numbers. */
export function sessionScreenRowKeys(state: State): readonly string[] {
  const {detail} = state;
  if (detail === undefined) return [];
  if (detail.pane === 'fields') return sessionFieldNames;
  if (detail.pane === 'live') return sortedSettings(state).map(({name}) => name);
  const uid = detail.session?.userId ?? '';
  return eventsForSession(state, detail.reference, uid).map(({number}) => String(number));
}

/** Returns the row keys of the trace: call numbers or function names. */
export function traceRowKeys(state: State): readonly string[] {
  if (state.trace.view === 'calls') return sortedCalls(state).map(({number}) => String(number));
  return sortedFunctions(state).map(({type, fn}) => `${type}.${fn}`);
}

/** Returns the filter that the current screen's prompt edits. */
export function promptFilterName(state: State): FilterName {
  const {name} = currentScreen(state);
  return name in state.filters ? (name as FilterName) : 'sessions';
}
