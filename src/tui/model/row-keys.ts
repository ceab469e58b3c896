import {sessionEvents, settingsWithRecord} from './selectors.js';
import {currentScreen, type State} from './state.js';

/** What the cursor of each table moves over; the overview begins with the line of all gates. */
export const overviewKeys = ({gates}: State): readonly string[] => ['', ...gates.keys()];

export const sessionsKeys = ({sessions}: State): readonly string[] => sessions.rows.map(({key}) => key);

export const recordsKeys = ({records}: State): readonly string[] => records.rows.map(({uid}) => uid);

/** On the screen of one session: its settings, or its events. */
export function sessionKeys(state: State): readonly string[] {
  const {detail} = state;
  if (detail === undefined) return [];
  if (detail.pane === 'live')
    return settingsWithRecord(detail.session, detail.record?.session).map(({name}) => name);
  const uid = detail.session?.userId ?? '';
  return sessionEvents(state, detail.reference, uid).map(({number}) => String(number));
}

/** Calls by their number, or functions by their name. */
export function traceKeys({trace}: State): readonly string[] {
  if (trace.view === 'calls') return trace.received.map(({number}) => String(number));
  return trace.summary?.functions.map(({type, fn}) => `${type}.${fn}`) ?? [];
}

/** The newest call is followed as the newest event is. */
export const isCallTail = (state: State): boolean =>
  currentScreen(state).name === 'trace' && state.trace.view === 'calls';
