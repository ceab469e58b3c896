import type {LocatedRecord, Target} from '../../cluster/cluster.js';
import {tableWindow} from './derived-state.js';
import {overviewRowKeys, recordsRowKeys, sessionScreenRowKeys, sessionsRowKeys} from './row-keys.js';
import {currentScreen, type SessionTableRow, type State} from './state.js';
import {anomalyTargets, anomalyUid} from './tables/anomalies-and-findings.js';
import {sortedRecords} from './tables/sorted-rows.js';

/** Returns the session row under the cursor. */
export function cursorRow(state: State): SessionTableRow | undefined {
  const {index} = tableWindow(state.tables.sessions, sessionsRowKeys(state), 1);
  return state.sessions.rows[index];
}

/** Returns the record under the cursor. */
export function cursorRecord(state: State): LocatedRecord | undefined {
  const {index} = tableWindow(state.tables.records, recordsRowKeys(state), 1);
  return sortedRecords(state)[index];
}

/** Returns the id of the gate under the cursor; undefined on the row of all gates. */
export function cursorGateId(state: State): string | undefined {
  const keys = overviewRowKeys(state);
  const key = keys[tableWindow(state.tables.overview, keys, 1).index];
  return key === '' ? undefined : key;
}

/**
 * Returns the reference `Gate@id/<session id>` of the displayed session, once its details are
 * loaded.
 */
export function displayedSessionReference(state: State): string | undefined {
  const {name, subject} = currentScreen(state);
  return name === 'session' && subject !== undefined && state.detail?.reference === subject
    ? subject
    : undefined;
}

/** Returns the setting under the cursor of the session screen. */
export function cursorSettingName(state: State): string | undefined {
  if (displayedSessionReference(state) === undefined || state.detail?.pane !== 'live') return undefined;
  const keys = sessionScreenRowKeys(state);
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
  return shown === undefined || shown.vanished !== undefined ? [] : [targetOfTableRow(shown)];
}

/** Whether an action targets every session that matches the filter. Only the gates can list them. */
export const isTargetingAllMatches = (state: State): boolean =>
  currentScreen(state).name === 'sessions' &&
  state.sessions.isAllChosen &&
  state.filters.sessions.selector !== undefined;

export const targetOfTableRow = ({row: {node, session}}: SessionTableRow): Target => ({
  node,
  id: session.sessionId,
  uid: session.userId,
});

function detailTarget(state: State): readonly Target[] {
  const {detail} = state;
  if (
    displayedSessionReference(state) === undefined ||
    detail === undefined ||
    detail.gone !== undefined ||
    detail.session === undefined
  )
    return [];
  const {node, id} = splitTargetReference(detail.reference);
  return [{node, id, uid: detail.session.userId}];
}

/** Splits `Gate@id/<session id>` into gate and session id. */
export function splitTargetReference(reference: string): {readonly node: string; readonly id: string} {
  const slash = reference.indexOf('/');
  return {node: reference.slice(0, slash), id: reference.slice(slash + 1)};
}

export const targetReference = ({node, id}: Target): string => `${node}/${id}`;

/** Returns the uid whose record an action targets. */
export function uidOfTarget(state: State): string | undefined {
  switch (currentScreen(state).name) {
    case 'record':
      return currentScreen(state).subject;
    case 'records':
      return cursorRecord(state)?.uid;
    case 'anomalies':
      return anomalyUid(state);
    case 'session':
      return displayedSessionReference(state) === undefined
        ? undefined
        : state.detail?.session?.userId || undefined;
    default:
      return cursorRow(state)?.row.session.userId || undefined;
  }
}
