import type {FunctionSummary, LocatedRecord} from '../../../cluster/cluster.js';
import {clusterEventDetail, clusterEventTime, eventName} from '../../../presentation/event-presenter.js';
import {recordPresenter} from '../../../presentation/record-presenter.js';
import {tracePresenter, traceSummaryPresenter} from '../../../presentation/trace-presenter.js';
import type {JournalRow} from '../../dashboard-deps.js';
import type {RecordLine} from '../record-rows.js';
import type {SettingRow} from '../selectors.js';
import type {ReceivedCall, ReceivedEvent} from '../state.js';
import {byText, type SortColumns} from './sorting.js';

const ofSession = ({clusterEvent}: ReceivedEvent) =>
  clusterEvent.type === 'event' ? clusterEvent.event.session : undefined;

export const eventSorts: SortColumns<ReceivedEvent> = {
  AT: ({clusterEvent}) => clusterEventTime(clusterEvent),
  KIND: ({clusterEvent}) => eventName(clusterEvent),
  UID: (row) => ofSession(row)?.userId ?? '',
  ID: (row) => ofSession(row)?.sessionId ?? '',
  GATE: ({clusterEvent}) => clusterEvent.node,
  DETAIL: ({clusterEvent}) => clusterEventDetail(clusterEvent),
};

export const recordSorts: SortColumns<LocatedRecord> = byText(recordPresenter.columns);

export const journalSorts: SortColumns<JournalRow> = {
  AGE: ({at}) => -at,
  COMMAND: ({command}) => command,
  TARGET: ({target}) => target,
  OUTCOME: ({outcome}) => outcome,
  ACTOR: ({actor}) => actor,
  REASON: ({reason}) => reason,
};

const callTime = ({traceEvent}: ReceivedCall): number =>
  traceEvent.type === 'call' ? traceEvent.call.at : traceEvent.at;

export const callSorts: SortColumns<ReceivedCall> = byText(
  tracePresenter(String).columns.map(({header, cell}) => ({
    header,
    cell: ({traceEvent}: ReceivedCall) => cell(traceEvent),
  })),
  {AT: callTime},
);

export const functionSorts: SortColumns<FunctionSummary> = byText(traceSummaryPresenter(1000).columns);

export const settingSorts: SortColumns<SettingRow> = {
  SETTING: ({name}) => name,
  LIVE: ({live}) => live ?? '',
  RECORD: ({record}) => record ?? '',
};

export const fieldSorts: SortColumns<RecordLine> = {
  FIELD: ({name}) => name,
  RECORD: ({value}) => value,
  LIVE: ({live}) => live ?? '',
};
