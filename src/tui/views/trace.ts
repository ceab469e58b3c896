import type {FunctionSummary, TraceEvent} from '../../cluster/cluster.js';
import type {Presenter} from '../../output/formats/presenter.js';
import {formatTimeOfDay} from '../../presentation/time-format.js';
import {tracePresenter, traceSummaryPresenter} from '../../presentation/trace-presenter.js';
import {currentTableWindow} from '../layout/screen-layout.js';
import type {NumberedTraceEvent, State} from '../model/state.js';
import {isTailTable} from '../model/tables/tail-tables.js';
import {sortedCalls, sortedFunctions} from '../model/tables/traced-calls.js';
import {type DrawStyle, dimSpan, type Line, lineOf} from '../text/line.js';
import type {ScreenColumn} from '../text/table-columns.js';
import type {TextTone} from '../text/theme.js';
import {tableLines} from './table-lines.js';

/** Draws the calls on the bus, or totals by function. */
export function traceView(state: State, style: DrawStyle): readonly Line[] {
  const {trace} = state;
  const lines = trace.view === 'calls' ? callLines(state, style) : functionLines(state, style);
  return lines.length > 1 ? lines : [...lines, lineOf(dimSpan('  waiting for calls …'))];
}

/** Width of DETAIL when other columns need the space. */
const detailColumns = 14;
const cut = ['NODE', 'CALLER', 'UID', 'DETAIL', 'FN', 'ID'];
const rank = [
  'FN',
  'OUTCOME',
  'MS',
  'UID',
  'DETAIL',
  'NODE',
  'AT',
  'ID',
  'CALLER',
  'CALL BYTES',
  'REPLY BYTES',
];

function screenColumns<Row>(
  {columns}: Presenter<Row>,
  ranks: readonly string[],
): readonly ScreenColumn<Row>[] {
  return columns.map(({header, cell, align}) => ({
    ...{header, cell, align, maxWidth: header === 'DETAIL' ? 80 : 40},
    priority: ranks.indexOf(header) < 0 ? ranks.length : ranks.indexOf(header),
    canTruncate: cut.includes(header),
    reserved: header === 'DETAIL' ? detailColumns : undefined,
  }));
}

/** Maximum length of a cell, which may contain long arguments, in characters. */
const mostChars = 200;

const calls = screenColumns<TraceEvent>(tracePresenter(formatTimeOfDay), rank).map(
  (column): ScreenColumn<NumberedTraceEvent> => ({
    ...column,
    cell: ({traceEvent}, now) => column.cell(traceEvent, now).slice(0, mostChars),
    tone: ({traceEvent}) =>
      column.header === 'OUTCOME' || traceEvent.type !== 'call' ? toneOf(traceEvent) : undefined,
  }),
);

function toneOf(event: TraceEvent): TextTone | undefined {
  if (event.type !== 'call') return event.type === 'gap' ? 'bad' : 'warn';
  if (event.call.outcome === 'ok') return 'good';
  return event.call.outcome === 'no-reply' || event.call.outcome === 'open' ? 'dim' : 'bad';
}

function callLines(state: State, style: DrawStyle): readonly Line[] {
  const sign = ({traceEvent}: NumberedTraceEvent): string =>
    traceEvent.type === 'call' ? ' ' : traceEvent.type === 'gap' ? '~' : '!';
  const hasCursor = !isTailTable(state) || state.tables.trace.key !== undefined;
  const window = currentTableWindow(state);
  const {columns: width} = state.size;
  return tableLines(
    {columns: calls, rows: sortedCalls(state), window, width, sign, hasCursor, sort: state.sorts.trace},
    style,
  );
}

function functionLines(state: State, style: DrawStyle): readonly Line[] {
  const {summary} = state.trace;
  const spanMs = summary === undefined ? 0 : summary.to - summary.from;
  const ranks = [
    'FN',
    'CALLS',
    'ERRORS',
    'MS P50',
    'MS P99',
    'PER SECOND',
    'MS P95',
    'MS MAX',
    'UNANSWERED',
    'TYPE',
  ];
  const columns = screenColumns<FunctionSummary>(traceSummaryPresenter(spanMs), ranks);
  const rows = sortedFunctions(state);
  const sort = state.sorts.trace;
  return tableLines(
    {columns, rows, window: currentTableWindow(state), width: state.size.columns, sort},
    style,
  );
}
