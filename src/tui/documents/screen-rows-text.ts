import type {Anomaly} from '../../cluster/anomalies/anomaly.js';
import {csvHeader, csvLine} from '../../output/formats/csv.js';
import type {Column, Presenter} from '../../output/formats/presenter.js';
import {safeJson} from '../../output/text/safe-text.js';
import {eventPresenter} from '../../presentation/event-presenter.js';
import {recordFields, recordPresenter} from '../../presentation/record-presenter.js';
import {sessionFields} from '../../presentation/session-fields.js';
import {sessionPresenter, settingColumn} from '../../presentation/session-presenter.js';
import {isoTime, timeCellFormatter} from '../../presentation/time-format.js';
import {tracePresenter, traceSummaryPresenter} from '../../presentation/trace-presenter.js';
import {healthMemberNames} from '../../session/gate-health.js';
import type {DoctorFinding, JournalRow} from '../dashboard-deps.js';
import {splitTargetReference} from '../model/action-targets.js';
import type {GateState} from '../model/gate-metrics.js';
import {type State, screenBelowDocument} from '../model/state.js';
import {sortedAnomalies, sortedFindings} from '../model/tables/anomalies-and-findings.js';
import {sortedEvents, sortedJournal, sortedRecords} from '../model/tables/sorted-rows.js';
import {sortedCalls, sortedFunctions} from '../model/tables/traced-calls.js';
import {gateAsObject} from './displayed-object.js';

/** All listed rows of a screen with all columns, even those that don't fit on the terminal. */
interface ScreenTable {
  readonly headers: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly records: readonly unknown[];
}

const iso = (unixMs: number): string => isoTime(unixMs) ?? '-';
const time = timeCellFormatter('csv', 0);

/** Returns the rows of the screen as CSV or JSON; undefined if the screen has no rows. */
export function screenRowsText(state: State, format: 'csv' | 'json'): string | undefined {
  const table = screenTable(state);
  if (table === undefined) return undefined;
  if (format === 'json') return `${safeJson(table.records, 2)}\n`;
  return [csvHeader(table.headers), ...table.rows.map(csvLine), ''].join('\n');
}

function screenTable(state: State): ScreenTable | undefined {
  const {sessions, records, trace} = state;
  switch (screenBelowDocument(state).name) {
    case 'overview':
      return tableOf(gateColumns, [...state.gates.values()], (gate) => gateAsObject(gate, state));
    case 'sessions': {
      const there = sessions.rows.filter(({vanished}) => vanished === undefined).map(({row}) => row);
      const presenter = sessionPresenter(time);
      const named = sessions.columns?.flatMap(
        (name) =>
          presenter.columns.find(({header}) => header.toLowerCase() === name) ?? settingColumn(name) ?? [],
      );
      return tableOf(named ?? presenter.columns, there, presenter.record);
    }
    case 'session':
      return sessionTable(state);
    case 'events':
      return presented(
        eventPresenter(iso),
        sortedEvents(state).map(({clusterEvent}) => clusterEvent),
      );
    case 'records':
      return presented(recordPresenter, sortedRecords(state));
    case 'record': {
      const record = records.shown?.record;
      return record && fieldTable(recordFields(record));
    }
    case 'journal':
    case 'entry':
      return tableOf(journalColumns, sortedJournal(state), ({entry}) => entry);
    case 'anomalies':
      return tableOf(anomalyColumns, sortedAnomalies(state), (anomaly) => anomaly);
    case 'doctor':
      return tableOf(findingColumns, sortedFindings(state), (finding) => finding);
    case 'trace':
      if (trace.view === 'calls')
        return presented(
          tracePresenter(iso),
          sortedCalls(state).map(({traceEvent}) => traceEvent),
        );
      return (
        trace.summary &&
        presented(traceSummaryPresenter(trace.summary.to - trace.summary.from), sortedFunctions(state))
      );
    default:
      return undefined;
  }
}

function presented<Row>(presenter: Presenter<Row>, rows: readonly Row[]): ScreenTable {
  return tableOf(presenter.columns, rows, presenter.record);
}

function tableOf<Row>(
  columns: readonly Pick<Column<Row>, 'header' | 'cell'>[],
  rows: readonly Row[],
  record: (row: Row) => unknown,
): ScreenTable {
  return {
    headers: columns.map(({header}) => header),
    rows: rows.map((row) => columns.map(({cell}) => cell(row))),
    records: rows.map(record),
  };
}

function fieldTable({fields, record}: ReturnType<typeof recordFields>): ScreenTable {
  return {headers: ['FIELD', 'VALUE'], rows: fields, records: [record]};
}

function sessionTable({detail}: State): ScreenTable | undefined {
  if (detail?.session === undefined) return undefined;
  const {node: gate} = splitTargetReference(detail.reference);
  return fieldTable(
    sessionFields({gate, session: detail.session, row: detail.row, time, record: detail.record}),
  );
}

const journalColumns: readonly Pick<Column<JournalRow>, 'header' | 'cell'>[] = [
  {header: 'AT', cell: ({at}) => iso(at)},
  {header: 'ACTOR', cell: ({actor}) => actor},
  {header: 'COMMAND', cell: ({command}) => command},
  {header: 'TARGET', cell: ({target}) => target},
  {header: 'OUTCOME', cell: ({outcome}) => outcome},
  {header: 'REASON', cell: ({reason}) => reason},
  {header: 'ID', cell: ({id}) => id},
];

const anomalyColumns: readonly Pick<Column<Anomaly>, 'header' | 'cell'>[] = [
  {header: 'SEVERITY', cell: ({severity}) => severity},
  {header: 'CHECK', cell: ({check}) => check},
  {header: 'SUBJECT', cell: ({subject}) => subject},
  {header: 'EVIDENCE', cell: ({evidence}) => evidence},
];

const findingColumns: readonly Pick<Column<DoctorFinding>, 'header' | 'cell'>[] = [
  {header: 'STATE', cell: ({state}) => state},
  {header: 'CHECK', cell: ({check}) => check},
  {header: 'SUBJECT', cell: ({subject}) => subject},
  {header: 'DETAIL', cell: ({detail}) => detail},
  {header: 'NEXT', cell: ({next}) => next},
];

const gateColumns: readonly Pick<Column<GateState>, 'header' | 'cell'>[] = [
  {header: 'GATE', cell: ({id}) => id},
  {header: 'FAILURE', cell: ({failure}) => failure?.message ?? ''},
  ...(['sessions', 'bound', 'connects', 'disconnects', 'received', 'sent', 'dirty', 'ms'] as const).map(
    (name) => ({
      header: name.toUpperCase(),
      cell: ({samples}: GateState) => String(samples.at(-1)?.[name] ?? ''),
    }),
  ),
  ...healthMemberNames.map((name) => ({
    header: name.toUpperCase(),
    cell: ({samples}: GateState) => String(samples.at(-1)?.health?.[name] ?? ''),
  })),
];
