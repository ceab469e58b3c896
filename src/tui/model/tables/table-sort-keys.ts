import type {FunctionSummary, LocatedRecord} from '../../../cluster/cluster.js';
import {
  clusterEventDetail,
  clusterEventName,
  clusterEventTime,
} from '../../../presentation/event-presenter.js';
import {recordPresenter} from '../../../presentation/record-presenter.js';
import {tracePresenter, traceSummaryPresenter} from '../../../presentation/trace-presenter.js';
import type {JournalRow} from '../../dashboard-deps.js';
import type {SettingRow} from '../derived-state.js';
import type {RecordFieldRow} from '../record-field-rows.js';
import type {NumberedEvent, NumberedTraceEvent} from '../state.js';
import {type ColumnSortKeys, sortKeysByCellText} from './sort-table-rows.js';

const ofSession = ({clusterEvent}: NumberedEvent) =>
  clusterEvent.type === 'event' ? clusterEvent.event.session : undefined;

export const eventSortKeys: ColumnSortKeys<NumberedEvent> = {
  AT: ({clusterEvent}) => clusterEventTime(clusterEvent),
  KIND: ({clusterEvent}) => clusterEventName(clusterEvent),
  UID: (row) => ofSession(row)?.userId ?? '',
  ID: (row) => ofSession(row)?.sessionId ?? '',
  GATE: ({clusterEvent}) => clusterEvent.node,
  DETAIL: ({clusterEvent}) => clusterEventDetail(clusterEvent),
};

export const recordSortKeys: ColumnSortKeys<LocatedRecord> = sortKeysByCellText(recordPresenter.columns);

export const journalSortKeys: ColumnSortKeys<JournalRow> = {
  AGE: ({at}) => -at,
  COMMAND: ({command}) => command,
  TARGET: ({target}) => target,
  OUTCOME: ({outcome}) => outcome,
  ACTOR: ({actor}) => actor,
  REASON: ({reason}) => reason,
};

const callTime = ({traceEvent}: NumberedTraceEvent): number =>
  traceEvent.type === 'call' ? traceEvent.call.at : traceEvent.at;

export const callSortKeys: ColumnSortKeys<NumberedTraceEvent> = sortKeysByCellText(
  tracePresenter(String).columns.map(({header, cell}) => ({
    header,
    cell: ({traceEvent}: NumberedTraceEvent) => cell(traceEvent),
  })),
  {AT: callTime},
);

export const functionSortKeys: ColumnSortKeys<FunctionSummary> = sortKeysByCellText(
  traceSummaryPresenter(1000).columns,
);

export const settingSortKeys: ColumnSortKeys<SettingRow> = {
  SETTING: ({name}) => name,
  LIVE: ({live}) => live ?? '',
  RECORD: ({record}) => record ?? '',
};

export const recordFieldSortKeys: ColumnSortKeys<RecordFieldRow> = {
  FIELD: ({name}) => name,
  RECORD: ({value}) => value,
  LIVE: ({live}) => live ?? '',
};
