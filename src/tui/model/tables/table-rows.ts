import type {FunctionSummary, LocatedRecord} from '../../../cluster/cluster.js';
import {type RecordLine, recordRows} from '../record-rows.js';
import {filteredEvents, filteredJournal, type SettingRow, settingsWithRecord} from '../selectors.js';
import type {ReceivedCall, ReceivedEvent, State} from '../state.js';
import {inChosenOrder} from './sorting.js';
import {
  callSorts,
  eventSorts,
  fieldSorts,
  functionSorts,
  journalSorts,
  recordSorts,
  settingSorts,
} from './table-sorts.js';

/** Returns the events in the chosen order. */
export const sortedEvents = (state: State): readonly ReceivedEvent[] =>
  inChosenOrder(filteredEvents(state), state.sorts.events, eventSorts);

export const sortedJournal = (state: State): State['journal']['rows'] =>
  inChosenOrder(filteredJournal(state), state.sorts.journal, journalSorts);

export const sortedRecords = ({records, sorts}: State): readonly LocatedRecord[] =>
  inChosenOrder(records.rows, sorts.records, recordSorts);

const foreign = new WeakMap<readonly ReceivedCall[], readonly ReceivedCall[]>();

/**
 * Returns the calls not made by gatectl. Its own calls may have been received before they were
 * hidden.
 */
function foreignCalls(received: readonly ReceivedCall[]): readonly ReceivedCall[] {
  const known = foreign.get(received) ?? received.filter((call) => !isOwn(call));
  foreign.set(received, known);
  return known;
}

const isOwn = ({traceEvent}: ReceivedCall): boolean =>
  traceEvent.type === 'call' && traceEvent.call.caller.startsWith('gatectl/');

export const sortedCalls = ({trace, sorts}: State): readonly ReceivedCall[] =>
  inChosenOrder(trace.hidesOwn ? foreignCalls(trace.received) : trace.received, sorts.trace, callSorts);

export const sortedFunctions = ({trace, sorts}: State): readonly FunctionSummary[] =>
  inChosenOrder(trace.summary?.functions ?? [], sorts.trace, functionSorts);

export const sortedSettings = ({detail, sorts}: State): readonly SettingRow[] =>
  inChosenOrder(settingsWithRecord(detail?.session, detail?.record?.session), sorts.session, settingSorts);

export const sortedRecordFields = (state: State): readonly RecordLine[] =>
  inChosenOrder(recordRows(state), state.sorts.record, fieldSorts);
