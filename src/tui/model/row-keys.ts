import type {FilterName} from './filter.js';
import {sessionEvents, settingsWithRecord} from './selectors.js';
import {currentScreen, type State} from './state.js';

/** Row keys of the overview; the first row, with key "", is all gates. */
export const overviewKeys = ({gates}: State): readonly string[] => ['', ...gates.keys()];

export const sessionsKeys = ({sessions}: State): readonly string[] => sessions.rows.map(({key}) => key);

export const recordsKeys = ({records}: State): readonly string[] => records.rows.map(({uid}) => uid);

/** Row keys of the session screen: setting names or event numbers. */
export function sessionKeys(state: State): readonly string[] {
  const {detail} = state;
  if (detail === undefined) return [];
  if (detail.pane === 'live')
    return settingsWithRecord(detail.session, detail.record?.session).map(({name}) => name);
  const uid = detail.session?.userId ?? '';
  return sessionEvents(state, detail.reference, uid).map(({number}) => String(number));
}

/** Row keys of the trace: call numbers or function names. */
export function traceKeys({trace}: State): readonly string[] {
  if (trace.view === 'calls') return trace.received.map(({number}) => String(number));
  return trace.summary?.functions.map(({type, fn}) => `${type}.${fn}`) ?? [];
}

/** The filter that the prompt of the current screen edits. */
export function promptFilter(state: State): FilterName {
  const {name} = currentScreen(state);
  return name in state.filters ? (name as FilterName) : 'sessions';
}
