import {safeJson} from '../../output/text/safe-text.js';
import {cursorGateId, cursorRecord, cursorRow} from '../model/action-targets.js';
import {currentScreen, type State} from '../model/state.js';
import {displayedObject} from './displayed-object.js';
import {fieldUnderCursor} from './value-under-cursor.js';

/** Text to copy, and a description of it for the notice. */
interface CopiedText {
  readonly what: string;
  readonly text: string;
}

/**
 * Returns what `c` copies: a document, the value under the cursor, the marked sessions, or the id
 * of a row.
 */
export function textToCopy(state: State): CopiedText | undefined {
  const {name, document, view = 0} = currentScreen(state);
  if (document !== undefined) return {what: document.title, text: document.views[view]?.text ?? ''};
  const value = fieldUnderCursor(state);
  if (value !== undefined) return {what: value.title, text: value.value};
  switch (name) {
    case 'sessions':
      return sessionNames(state);
    case 'records': {
      const record = cursorRecord(state);
      return record && {what: 'uid', text: record.uid};
    }
    case 'overview': {
      const gate = cursorGateId(state) ?? [...state.gates.keys()].join('\n');
      return {what: 'gate', text: gate};
    }
    default: {
      const whole = displayedObject(state);
      return whole && {what: whole.title, text: safeJson(whole.value)};
    }
  }
}

function sessionNames(state: State): CopiedText | undefined {
  const {marks} = state.sessions;
  if (marks.size > 0) return {what: `${marks.size} sessions`, text: [...marks.keys()].join('\n')};
  const row = cursorRow(state);
  return row && {what: 'session', text: row.key};
}
