import {currentTableWindow} from '../layout/screen-layout.js';
import {type State, screenBelowDocument} from '../model/state.js';
import {sortedRecordFields, sortedSettings} from '../model/tables/sorted-rows.js';
import type {TextDocument} from './document.js';
import {bytesDocument, type FieldUnderCursor, valueDocument} from './make-document.js';
import {sessionScreenFields} from './session-screen-fields.js';

/** Returns the field under the cursor of the session or record screen. */
export function fieldUnderCursor(state: State): FieldUnderCursor | undefined {
  switch (screenBelowDocument(state).name) {
    case 'session':
      return sessionValue(state);
    case 'record':
      return recordValue(state);
    default:
      return undefined;
  }
}

/** Returns the document that Enter opens: the value under the cursor, or the bytes of a record. */
export function documentUnderCursor(state: State): TextDocument | undefined {
  const field = fieldUnderCursor(state);
  const record = screenBelowDocument(state).name === 'record' ? state.records.shown?.record : undefined;
  if (record !== undefined && sortedRecordFields(state)[currentTableWindow(state).index]?.name === 'bytes')
    return bytesDocument(`bytes of the record of ${record.uid}`, record.value);
  return field && valueDocument(field);
}

function sessionValue(state: State): FieldUnderCursor | undefined {
  const {detail} = state;
  if (detail === undefined || detail.pane === 'events') return undefined;
  const {index} = currentTableWindow(state);
  if (detail.pane === 'fields') {
    const [name = '', value] = sessionScreenFields(detail, state)[index] ?? [];
    return value === undefined ? undefined : {title: `${name} of ${detail.reference}`, value};
  }
  const row = sortedSettings(state)[index];
  if (row === undefined) return undefined;
  const {name, live, record, differs} = row;
  return {
    title: `settings.${name} of ${detail.reference}${differs ? ' (the record differs)' : ''}`,
    value: live ?? '',
    other: differs ? {name: 'record', value: record ?? '(none)'} : undefined,
  };
}

function recordValue(state: State): FieldUnderCursor | undefined {
  const row = sortedRecordFields(state)[currentTableWindow(state).index];
  if (row === undefined) return undefined;
  const {name, value, live, differs} = row;
  return {
    title: `${name} of the record of ${state.records.shown?.uid ?? ''}${differs ? ' (the live session differs)' : ''}`,
    value,
    other: differs ? {name: 'live', value: live ?? '(none)'} : undefined,
  };
}
