import {groupedDigits} from '../../output/text/humanize.js';
import {overviewLayout} from '../layout/layout.js';
import {type GateMetrics, type MetricName, metricsOfAllGates, metricsOfGate} from '../model/gate-metrics.js';
import {overviewKeys} from '../model/row-keys.js';
import {gateStatus, isCurrent, tableWindow} from '../model/selectors.js';
import type {State} from '../model/state.js';
import {cursorGate} from '../model/targets.js';
import type {ScreenColumn} from '../text/columns.js';
import {dim, type Line, line, type Pen, safeSpanText, withTone} from '../text/line.js';
import {sparkline} from '../text/sparkline.js';
import {tableLines} from './rows.js';

interface OverviewRow {
  readonly id: string;
  readonly name: string;
  readonly metrics: GateMetrics;
  readonly status: string;
  readonly tone: 'good' | 'warn' | 'bad' | 'dim';
  /** The metrics are from its last answer. */
  readonly isOld: boolean;
}

/** Table of gates, and below it the metric history of the gate under the cursor. */
export function overviewView(state: State, pen: Pen): readonly Line[] {
  const {panel} = overviewLayout(state);
  const rows = rowsOf(state);
  const height = overviewLayout(state).rows;
  const window = tableWindow(state.tables.overview, overviewKeys(state), height);
  const width = state.size.columns;
  const table = tableLines(
    {columns: columnsFor(width, pen), rows, window, width, isOld: (row) => row.isOld},
    pen,
  );
  return [...table, ...panelLines(state, rows, panel, pen)];
}

function rowsOf(state: State): readonly OverviewRow[] {
  const gates = [...state.gates.values()].map((gate): OverviewRow => {
    const {word, tone} = gateStatus(gate, state);
    const isOld = !isCurrent(gate, state);
    return {id: gate.id, name: gate.id, metrics: metricsOfGate(gate, !isOld), status: word, tone, isOld};
  });
  const there = gates.filter(({status}) => status !== 'left');
  const old = there.filter(({isOld, metrics}) => isOld && metrics.current.sessions !== undefined).length;
  const live = gates.filter(({status}) => status === 'live').length;
  const answering = gates.filter(({status}) => status === 'live' || status === 'limited').length;
  const all: OverviewRow = {
    id: '',
    name: old === 0 ? 'all gates' : `all gates, ${old} last known`,
    metrics: metricsOfAllGates(there.map(({metrics}) => metrics)),
    status: `${answering}/${gates.length}`,
    tone: live === gates.length ? 'good' : answering === gates.length ? 'warn' : 'bad',
    isOld: false,
  };
  return [all, ...gates];
}

function number(value: number | undefined): string {
  return value === undefined ? '-' : groupedDigits(Math.round(value));
}

/** One decimal below 10, none above. */
function rate(value: number | undefined): string {
  if (value === undefined) return '-';
  return value > 0 && value < 10 ? value.toFixed(1) : groupedDigits(Math.round(value));
}

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? '-' : ms < 1 ? '<1 ms' : `${Math.round(ms)} ms`;
}

interface MetricView {
  readonly name: MetricName;
  readonly label: string;
  readonly format: (value: number | undefined) => string;
  /** Table column; a metric without one is in the panel only. */
  readonly column?: {readonly header: string; readonly priority: number};
}

const metricViews: readonly MetricView[] = [
  {name: 'sessions', label: 'sessions', format: number, column: {header: 'SESSIONS', priority: 2}},
  {name: 'bound', label: 'bound', format: number, column: {header: 'BOUND', priority: 4}},
  {name: 'guests', label: 'guests', format: number, column: {header: 'GUESTS', priority: 8}},
  {name: 'connects', label: 'connects/s', format: rate, column: {header: 'CONN/S', priority: 5}},
  {name: 'disconnects', label: 'disconnects/s', format: rate, column: {header: 'DISC/S', priority: 6}},
  {name: 'received', label: 'messages in/s', format: rate, column: {header: 'IN/S', priority: 7}},
  {name: 'sent', label: 'messages out/s', format: rate, column: {header: 'OUT/S', priority: 7.5}},
  {name: 'ms', label: 'round trip', format: milliseconds, column: {header: 'RTT', priority: 7.7}},
  {name: 'dirty', label: 'not stored yet', format: number},
];

function columnsFor(width: number, {ascii}: Pen): readonly ScreenColumn<OverviewRow>[] {
  const bars = width >= 180 ? 8 : 0;
  const metricColumns = metricViews.flatMap(({name, format, column}): ScreenColumn<OverviewRow>[] => {
    if (column === undefined) return [];
    const cell = ({metrics: {current, history}}: OverviewRow): string => {
      const text = format(current[name]);
      return bars === 0 ? text : `${text.padStart(6)} ${sparkline(history[name], bars, ascii)}`;
    };
    return [{...column, align: 'right', cell}];
  });
  const trend: ScreenColumn<OverviewRow> = {
    header: 'SESSIONS, LAST MINUTES',
    priority: 9,
    cell: ({metrics}) => sparkline(metrics.history.sessions, 22, ascii),
    tone: () => 'accent',
  };
  return [
    {header: 'GATE', cell: ({name}) => name, priority: 0, maxWidth: 48, canTruncate: true},
    {header: 'STATE', cell: ({status}) => status, priority: 1, tone: ({tone}) => tone},
    ...metricColumns,
    {header: 'STORE', cell: ({metrics}) => metrics.store, priority: 3, maxWidth: 22, canTruncate: true},
    ...(bars === 0 ? [trend] : []),
  ];
}

/** Every metric of the gate under the cursor, with its history as a sparkline. */
function panelLines(state: State, rows: readonly OverviewRow[], height: number, pen: Pen): readonly Line[] {
  if (height < 2) return [];
  const id = cursorGate(state) ?? '';
  const row = rows.find((one) => one.id === id);
  if (row === undefined) return [];
  const {current, history} = row.metrics;
  const entries = metricViews.map(
    ({name, label, format}) => [label, format(current[name]), history[name]] as const,
  );
  const across = height - 1 >= entries.length ? 1 : state.size.columns >= 120 ? 3 : 2;
  const width = Math.floor((state.size.columns - 2) / across);
  const cells = entries.map(([name, text, values]) => {
    const label = `${name.padEnd(15)}${text.padStart(9)} `;
    const bars = Math.max(0, Math.min(150, width - label.length - 2));
    return [label, withTone('accent', sparkline(values, bars, pen.ascii)), '  '];
  });
  const perColumn = Math.ceil(cells.length / across);
  const lines = Array.from({length: perColumn}, (_, at) =>
    line('  ', ...Array.from({length: across}, (__, column) => cells[at + column * perColumn] ?? []).flat()),
  );
  return [
    line(withTone('head', `  ${safeSpanText(row.name)}`), dim(`  ${safeSpanText(aboutGate(state, id))}`)),
    ...lines,
  ].slice(0, height);
}

function aboutGate({gates}: State, id: string): string {
  const gate = gates.get(id);
  if (gate === undefined) return 'the last five minutes';
  const {info, node} = gate;
  if (info === undefined) return node === undefined ? '' : `found by ${node.source}`;
  const {software, softwareVersion, host, pid} = info;
  return `${software} ${softwareVersion}, ${host} pid ${pid}`;
}
