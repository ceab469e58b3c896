import type {FunctionSummary, LocatedRecord} from '../../../cluster/cluster.js';
import {filteredEvents, filteredJournal, type SettingRow, settingRowsWithRecord} from '../derived-state.js';
import {type RecordFieldRow, recordFieldRows} from '../record-field-rows.js';
import type {NumberedEvent, NumberedTraceEvent, State} from '../state.js';
import {sortTableRows} from './sort-table-rows.js';
import {
  callSortKeys,
  eventSortKeys,
  functionSortKeys,
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

const foreign = new WeakMap<readonly NumberedTraceEvent[], readonly NumberedTraceEvent[]>();

/**
 * Returns the calls not made by gatectl. Its own calls may have been received before they were
 * hidden.
 */
function foreignCalls(received: readonly NumberedTraceEvent[]): readonly NumberedTraceEvent[] {
  const known = foreign.get(received) ?? received.filter((call) => !isOwn(call));
  foreign.set(received, known);
  return known;
}

const isOwn = ({traceEvent}: NumberedTraceEvent): boolean =>
  traceEvent.type === 'call' && traceEvent.call.caller.startsWith('gatectl/');

export const sortedCalls = ({trace, sorts}: State): readonly NumberedTraceEvent[] =>
  sortTableRows(trace.hidesOwn ? foreignCalls(trace.received) : trace.received, sorts.trace, callSortKeys);

export const sortedFunctions = ({trace, sorts}: State): readonly FunctionSummary[] =>
  sortTableRows(trace.summary?.functions ?? [], sorts.trace, functionSortKeys);

export const sortedSettings = ({detail, sorts}: State): readonly SettingRow[] =>
  sortTableRows(
    settingRowsWithRecord(detail?.session, detail?.record?.session),
    sorts.session,
    settingSortKeys,
  );

export const sortedRecordFields = (state: State): readonly RecordFieldRow[] =>
  sortTableRows(recordFieldRows(state), state.sorts.record, recordFieldSortKeys);
