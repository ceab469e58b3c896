import {
  actionTargets,
  cursorGateId,
  cursorRecord,
  cursorRow,
  cursorSettingName,
  displayedSessionReference,
  isTargetingAllMatches,
  uidOfTarget,
} from '../model/action-targets.js';
import type {State} from '../model/state.js';
import {currentScreen} from '../model/state.js';
import {anomalyFix, cursorAnomaly, isAnomaliesScreen} from '../model/tables/anomalies-and-findings.js';
import {cursorWrite} from '../model/tables/dashboard-writes.js';
import {callSession} from '../model/tables/traced-calls.js';

/** Reasons why a key is unavailable, for the keymap. */
export function noSessionReason(state: State): string | undefined {
  return cursorRow(state) === undefined ? 'no session is listed' : undefined;
}

const readOnly = ({options}: State): string | undefined =>
  options.readOnlySource === undefined ? undefined : `${options.readOnlySource} forbids writes`;

/**
 * Requires a filter, so that a key can't target the whole cluster by accident. The command line has
 * `--all` for that.
 */
export function noFilterReason({filters}: State): string | undefined {
  return filters.sessions.selector === undefined ? 'needs a filter: type one with /' : undefined;
}

export function noTargetReason(state: State): string | undefined {
  const refused = readOnly(state);
  if (refused !== undefined) return refused;
  if (isTargetingAllMatches(state) || actionTargets(state).length > 0) return undefined;
  const anomaly = cursorAnomaly(state);
  if (isAnomaliesScreen(state))
    return anomaly === undefined ? 'no anomaly under the cursor' : anomalyFix(anomaly.check).text;
  const isGone =
    displayedSessionReference(state) === undefined
      ? cursorRow(state)?.vanished !== undefined
      : state.detail?.gone !== undefined;
  return isGone ? 'the session is closed' : 'no session under the cursor';
}

export function notSingleTargetReason(state: State): string | undefined {
  const refused = noTargetReason(state);
  if (refused !== undefined) return refused;
  if (isTargetingAllMatches(state)) return 'works on one session, but all matches are selected (A clears)';
  const {length} = actionTargets(state);
  return length === 1 ? undefined : `works on one session, but ${length} are marked (A unmarks)`;
}

export function noUidReason(state: State): string | undefined {
  return uidOfTarget(state) === undefined ? 'a guest has no record' : undefined;
}

export function noRecordReason(state: State): string | undefined {
  const refused = readOnly(state);
  if (refused !== undefined) return refused;
  if (uidOfTarget(state) === undefined) {
    const anomaly = cursorAnomaly(state);
    if (isAnomaliesScreen(state))
      return anomaly === undefined ? 'no anomaly under the cursor' : anomalyFix(anomaly.check).text;
    return cursorRecord(state) === undefined ? 'no record under the cursor' : 'a guest has no record';
  }
  const infos = [...state.gates.values()].flatMap(({info}) => info ?? []);
  const canNot = infos.length > 0 && infos.every(({storage}) => !storage.delete);
  return canNot ? 'no gate has storage that can delete' : undefined;
}

export function noGateToDrainReason(state: State): string | undefined {
  const refused = readOnly(state);
  if (refused !== undefined) return refused;
  const gate = state.gates.get(cursorGateId(state) ?? '');
  if (gate === undefined) return 'needs the cursor on one gate';
  const {info} = gate;
  return info?.functions.includes('GatectlDrain') === true ? undefined : "the gate can't refuse new sessions";
}

export function noDrainedGateReason(state: State): string | undefined {
  const refused = noGateToDrainReason(state);
  if (refused !== undefined) return refused;
  const last = state.gates.get(cursorGateId(state) ?? '')?.samples.at(-1);
  return last?.state === 'draining' ? undefined : 'the gate accepts new sessions';
}

/** On a session screen, Enter opens only the user's new session. */
export function nothingToOpenReason(state: State): string | undefined {
  const {detail, records} = state;
  switch (currentScreen(state).name) {
    case 'session':
      if (detail !== undefined && detail.pane !== 'live') return undefined;
      if (detail?.gone !== undefined && detail.otherSessions.length > 0) return undefined;
      if (cursorSettingName(state) !== undefined) return undefined;
      if (detail?.gone === undefined) return 'no setting to open: Tab moves to the fields';
      return notKnown(detail.unknownGates) ?? 'the user has not reconnected';
    case 'anomalies':
      return cursorAnomaly(state) === undefined ? 'no anomaly under the cursor' : undefined;
    case 'writes':
      return cursorWrite(state) === undefined ? 'no write under the cursor' : undefined;
    case 'record':
      return records.shown?.record === undefined ? 'nothing to open' : undefined;
    default:
      return undefined;
  }
}

/** On the record screen, the user must be online; on the trace, the call must name a session of a gate. */
export function noLiveSessionReason(state: State): string | undefined {
  const {records} = state;
  if (currentScreen(state).name === 'trace')
    return callSession(state) === undefined ? 'the call names no session of a gate' : undefined;
  if (records.shown === undefined || records.shown.liveSessions.length > 0) return undefined;
  return notKnown(records.shown.unknownGates) ?? 'the user is not online';
}

/** Returns why the user's absence can't be confirmed yet; undefined if it is confirmed. */
function notKnown(gates: readonly string[] | undefined): string | undefined {
  if (gates === undefined) return 'still asking the gates';
  return gates.length === 0 ? undefined : `unknown whether the user is on ${gates.join(', ')}`;
}

export const traceUnavailableReason = ({trace}: State): string | undefined => trace.unavailable;

export function nothingToUndoReason(state: State): string | undefined {
  return readOnly(state) ?? (state.lastChange === undefined ? 'no settings were changed here' : undefined);
}

export function nothingToStopReason(state: State): string | undefined {
  const write = cursorWrite(state);
  if (write === undefined) return 'no write under the cursor';
  return write.result === undefined ? undefined : 'the write has ended';
}
