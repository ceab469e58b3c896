import type {State} from '../model/state.js';
import {currentScreen} from '../model/state.js';
import {
  actionTargets,
  cursorRecord,
  cursorRow,
  shownReference,
  targetsAllMatching,
  targetUid,
} from '../model/targets.js';

/** Why a key cannot do anything now: reasons that the table of keys names. */
export function noSession(state: State): string | undefined {
  return cursorRow(state) === undefined ? 'no session is listed' : undefined;
}

const readOnly = ({options}: State): string | undefined =>
  options.readOnlySource === undefined ? undefined : `${options.readOnlySource} turns writes off`;

/** All of a cluster is never a slip of the finger: for that there is a command with `--all`. */
export function noFilter({filters}: State): string | undefined {
  return filters.sessions.selector === undefined
    ? 'it chooses all that match a filter: type one with /'
    : undefined;
}

export function noTarget(state: State): string | undefined {
  const refused = readOnly(state);
  if (refused !== undefined) return refused;
  if (targetsAllMatching(state) || actionTargets(state).length > 0) return undefined;
  const isGone =
    shownReference(state) === undefined
      ? cursorRow(state)?.vanished !== undefined
      : state.detail?.gone !== undefined;
  return isGone ? 'this session is gone' : 'there is no session under the cursor';
}

export function notSingleTarget(state: State): string | undefined {
  const refused = noTarget(state);
  if (refused !== undefined) return refused;
  if (targetsAllMatching(state)) return 'it is for one session, and all that match are chosen (A lets go)';
  const {length} = actionTargets(state);
  return length === 1 ? undefined : `it is for one session, and ${length} are marked (A unmarks)`;
}

export function noUid(state: State): string | undefined {
  return targetUid(state) === undefined ? 'a guest has no record' : undefined;
}

export function noRecord(state: State): string | undefined {
  const refused = readOnly(state);
  if (refused !== undefined) return refused;
  if (targetUid(state) === undefined) {
    return cursorRecord(state) === undefined ? 'there is no record here' : 'a guest has no record';
  }
  const infos = [...state.gates.values()].flatMap(({info}) => info ?? []);
  const canNot = infos.length > 0 && infos.every(({storage}) => !storage.delete);
  return canNot ? 'no gate has a storage that can delete' : undefined;
}

/** Enter leads from a session only to where its user has come back. */
export function nothingToOpen(state: State): string | undefined {
  const {detail, records} = state;
  switch (currentScreen(state).name) {
    case 'session':
      if (detail?.gone === undefined) return 'there is nothing inside';
      if (detail.otherSessions.length > 0) return undefined;
      return notKnown(detail.unknownGates) ?? 'the user has not come back';
    case 'trace':
      return state.trace.view === 'calls' ? undefined : 'a function has no session';
    case 'record':
      if (records.shown === undefined || records.shown.liveSessions.length > 0) return undefined;
      return notKnown(records.shown.unknownGates) ?? 'the user is not online';
    default:
      return undefined;
  }
}

/** Why nobody can say yet that a user is nowhere. */
function notKnown(gates: readonly string[] | undefined): string | undefined {
  if (gates === undefined) return 'the gates are being asked';
  return gates.length === 0 ? undefined : `it is not known whether the user is on ${gates.join(', ')}`;
}

export const traceUnavailable = ({trace}: State): string | undefined => trace.unavailable;
