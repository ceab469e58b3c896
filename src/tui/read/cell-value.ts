import {activeWindow} from '../layout/layout.js';
import {type State, screenBelow} from '../model/state.js';
import {sortedRecordFields, sortedSettings} from '../model/tables/table-rows.js';
import type {TextDocument} from './document.js';
import {bytesDocument, type FieldValue, valueDocument} from './make-document.js';
import {sessionScreenFields} from './session-fields.js';

/** Returns the field under the cursor of the session or record screen. */
export function cursorValue(state: State): FieldValue | undefined {
  switch (screenBelow(state).name) {
    case 'session':
      return sessionValue(state);
    case 'record':
      return recordValue(state);
    default:
      return undefined;
  }
}

/** Returns the document that Enter opens: the value under the cursor, or the bytes of a record. */
export function cursorDocument(state: State): TextDocument | undefined {
  const field = cursorValue(state);
  const record = screenBelow(state).name === 'record' ? state.records.shown?.record : undefined;
  if (record !== undefined && sortedRecordFields(state)[activeWindow(state).index]?.name === 'bytes')
    return bytesDocument(`bytes of the record of ${record.uid}`, record.value);
  return field && valueDocument(field);
}

function sessionValue(state: State): FieldValue | undefined {
  const {detail} = state;
  if (detail === undefined || detail.pane === 'events') return undefined;
  const {index} = activeWindow(state);
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

function recordValue(state: State): FieldValue | undefined {
  const row = sortedRecordFields(state)[activeWindow(state).index];
  if (row === undefined) return undefined;
  const {name, value, live, differs} = row;
  return {
    title: `${name} of the record of ${state.records.shown?.uid ?? ''}${differs ? ' (the live session differs)' : ''}`,
    value,
    other: differs ? {name: 'live', value: live ?? '(none)'} : undefined,
  };
}
