import type {FilterName} from '../search/filter.js';
import {eventsForSession} from './selectors.js';
import {currentScreen, type State} from './state.js';
import {overviewRows} from './tables/overview-rows.js';
import {sortedCalls, sortedFunctions, sortedRecords, sortedSettings} from './tables/table-rows.js';

/** Row keys of the overview; the first row, with key "", is all gates. */
export const overviewKeys = (state: State): readonly string[] => overviewRows(state).map(({id}) => id);

export const sessionsKeys = ({sessions}: State): readonly string[] => sessions.rows.map(({key}) => key);

export const recordsKeys = (state: State): readonly string[] => sortedRecords(state).map(({uid}) => uid);

/** Fields of the session screen above the settings, in their order. */
export const sessionFieldNames: readonly string[] = [
  ...['id', 'state', 'uid', 'gate', 'network', 'age', 'idle', 'messages', 'waiting'],
  ...['record', 'topics', 'trace id'],
];

/** Row keys of the session screen: field names, setting names or event numbers. */
export function sessionKeys(state: State): readonly string[] {
  const {detail} = state;
  if (detail === undefined) return [];
  if (detail.pane === 'fields') return sessionFieldNames;
  if (detail.pane === 'live') return sortedSettings(state).map(({name}) => name);
  const uid = detail.session?.userId ?? '';
  return eventsForSession(state, detail.reference, uid).map(({number}) => String(number));
}

/** Row keys of the trace: call numbers or function names. */
export function traceKeys(state: State): readonly string[] {
  if (state.trace.view === 'calls') return sortedCalls(state).map(({number}) => String(number));
  return sortedFunctions(state).map(({type, fn}) => `${type}.${fn}`);
}

/** The filter that the prompt of the current screen edits. */
export function promptFilter(state: State): FilterName {
  const {name} = currentScreen(state);
  return name in state.filters ? (name as FilterName) : 'sessions';
}
