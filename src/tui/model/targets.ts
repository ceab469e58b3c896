import type {LocatedRecord, Target} from '../../cluster/cluster.js';
import {overviewKeys, recordsKeys, sessionKeys, sessionsKeys} from './row-keys.js';
import {tableWindow} from './selectors.js';
import {currentScreen, type ShownRow, type State} from './state.js';
import {anomalyTargets, anomalyUid} from './tables/check-rows.js';
import {sortedRecords} from './tables/table-rows.js';

/** Returns the session row under the cursor. */
export function cursorRow(state: State): ShownRow | undefined {
  const {index} = tableWindow(state.tables.sessions, sessionsKeys(state), 1);
  return state.sessions.rows[index];
}

/** Returns the record under the cursor. */
export function cursorRecord(state: State): LocatedRecord | undefined {
  const {index} = tableWindow(state.tables.records, recordsKeys(state), 1);
  return sortedRecords(state)[index];
}

/** Returns the id of the gate under the cursor; undefined on the row of all gates. */
export function cursorGate(state: State): string | undefined {
  const keys = overviewKeys(state);
  const key = keys[tableWindow(state.tables.overview, keys, 1).index];
  return key === '' ? undefined : key;
}

/**
 * Returns the reference `Gate@id/<session id>` of the displayed session, once its details are
 * loaded.
 */
export function shownReference(state: State): string | undefined {
  const {name, subject} = currentScreen(state);
  return name === 'session' && subject !== undefined && state.detail?.reference === subject
    ? subject
    : undefined;
}

/** Returns the setting under the cursor of the session screen. */
export function cursorSetting(state: State): string | undefined {
  if (shownReference(state) === undefined || state.detail?.pane !== 'live') return undefined;
  const keys = sessionKeys(state);
  return keys[tableWindow(state.tables.session, keys, 1).index];
}

/**
 * Returns the sessions that an action targets: the marked ones; if none are marked, the one under
 * the cursor or displayed.
 */
export function actionTargets(state: State): readonly Target[] {
  if (currentScreen(state).name === 'session') return detailTarget(state);
  if (currentScreen(state).name === 'anomalies') return anomalyTargets(state);
  const {marks} = state.sessions;
  if (marks.size > 0) return [...marks.values()];
  const shown = cursorRow(state);
  return shown === undefined || shown.vanished !== undefined ? [] : [rowTarget(shown)];
}

/** Whether an action targets every session that matches the filter. Only the gates can list them. */
export const targetsAllMatching = (state: State): boolean =>
  currentScreen(state).name === 'sessions' &&
  state.sessions.isAllChosen &&
  state.filters.sessions.selector !== undefined;

export const rowTarget = ({row: {node, session}}: ShownRow): Target => ({
  node,
  id: session.sessionId,
  uid: session.userId,
});

function detailTarget(state: State): readonly Target[] {
  const {detail} = state;
  if (
    shownReference(state) === undefined ||
    detail === undefined ||
    detail.gone !== undefined ||
    detail.session === undefined
  )
    return [];
  const {node, id} = splitSessionReference(detail.reference);
  return [{node, id, uid: detail.session.userId}];
}

/** Splits `Gate@id/<session id>` into gate and session id. */
export function splitSessionReference(reference: string): {readonly node: string; readonly id: string} {
  const slash = reference.indexOf('/');
  return {node: reference.slice(0, slash), id: reference.slice(slash + 1)};
}

export const sessionReference = ({node, id}: Target): string => `${node}/${id}`;

/** Returns the uid whose record an action targets. */
export function targetUid(state: State): string | undefined {
  switch (currentScreen(state).name) {
    case 'record':
      return currentScreen(state).subject;
    case 'records':
      return cursorRecord(state)?.uid;
    case 'anomalies':
      return anomalyUid(state);
    case 'session':
      return shownReference(state) === undefined ? undefined : state.detail?.session?.userId || undefined;
    default:
      return cursorRow(state)?.row.session.userId || undefined;
  }
}
