import type {LocatedRecord} from '../../../cluster/cluster.js';
import {filteredEvents, filteredJournal, type SettingRow, settingRowsWithRecord} from '../derived-state.js';
import {type RecordFieldRow, recordFieldRows} from '../record-field-rows.js';
import type {NumberedEvent, State} from '../state.js';
import {sortTableRows} from './sort-table-rows.js';
import {
  eventSortKeys,
  journalSortKeys,
  recordFieldSortKeys,
  recordSortKeys,
  settingSortKeys,
} from './table-sort-keys.js';

/** Returns the events in the chosen order. */
export const sortedEvents = (state: State): readonly NumberedEvent[] =>
  sortTableRows(filteredEvents(state), state.sorts.events, eventSortKeys);

export const sortedJournal = (state: State): State['journal']['rows'] =>
  sortTableRows(filteredJournal(state), state.sorts.journal, journalSortKeys);

export const sortedRecords = ({records, sorts}: State): readonly LocatedRecord[] =>
  sortTableRows(records.rows, sorts.records, recordSortKeys);

export const sortedSettings = ({detail, sorts}: State): readonly SettingRow[] =>
  sortTableRows(
    settingRowsWithRecord(detail?.session, detail?.record?.session),
    sorts.session,
    settingSortKeys,
  );

export const sortedRecordFields = (state: State): readonly RecordFieldRow[] =>
  sortTableRows(recordFieldRows(state), state.sorts.record, recordFieldSortKeys);
