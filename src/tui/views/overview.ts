import {groupedDigits} from '../../output/text/humanize.js';
import {overviewLayout} from '../layout/layout.js';
import {type GateHistory, gateHistory, totalHistory} from '../model/gate-metrics.js';
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
  readonly figures: GateHistory;
  readonly standing: string;
  readonly tone: 'good' | 'warn' | 'bad' | 'dim';
  /** The figures are those of its last answer. */
  readonly isOld: boolean;
}

/** The gates with their figures; below, the course of those of the gate under the cursor. */
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
    return {id: gate.id, name: gate.id, figures: gateHistory(gate, !isOld), standing: word, tone, isOld};
  });
  const there = gates.filter(({standing}) => standing !== 'left');
  const old = there.filter(({isOld, figures}) => isOld && figures.sessions !== undefined).length;
  const live = gates.filter(({standing}) => standing === 'live').length;
  const all: OverviewRow = {
    id: '',
    name: old === 0 ? 'all gates' : `all gates, ${old} last known`,
    figures: totalHistory(there.map(({figures}) => figures)),
    standing: `${live}/${gates.length}`,
    tone: live === gates.length ? 'good' : 'bad',
    isOld: false,
  };
  return [all, ...gates];
}

const number = (value: number | undefined): string =>
  value === undefined ? '-' : groupedDigits(Math.round(value));

/** Below ten a decimal tells something; above it is noise. */
function rate(value: number | undefined): string {
  if (value === undefined) return '-';
  return value > 0 && value < 10 ? value.toFixed(1) : groupedDigits(Math.round(value));
}

const round = (ms: number | undefined): string =>
  ms === undefined ? '-' : ms < 1 ? '<1 ms' : `${Math.round(ms)} ms`;

function columnsFor(width: number, {ascii}: Pen): readonly ScreenColumn<OverviewRow>[] {
  const bars = width >= 180 ? 8 : 0;
  const withCourse = (text: string, course: readonly number[]): string =>
    bars === 0 ? text : `${text.padStart(6)} ${sparkline(course, bars, ascii)}`;
  const figure = (
    header: string,
    priority: number,
    text: (figures: GateHistory) => string,
    course: (figures: GateHistory) => readonly number[],
  ): ScreenColumn<OverviewRow> => ({
    header,
    priority,
    align: 'right',
    cell: ({figures}) => withCourse(text(figures), course(figures)),
  });
  const trend: ScreenColumn<OverviewRow> = {
    header: 'SESSIONS, LAST MINUTES',
    priority: 9,
    cell: ({figures}) => sparkline(figures.course.sessions, 22, ascii),
    tone: () => 'accent',
  };
  return [
    {header: 'GATE', cell: ({name}) => name, priority: 0, maxWidth: 28, canTruncate: true},
    {header: 'STATE', cell: ({standing}) => standing, priority: 1, tone: ({tone}) => tone},
    figure(
      'SESSIONS',
      2,
      ({sessions}) => number(sessions),
      ({course}) => course.sessions,
    ),
    figure(
      'BOUND',
      4,
      ({bound}) => number(bound),
      ({course}) => course.bound,
    ),
    figure(
      'GUESTS',
      8,
      ({guests}) => number(guests),
      ({course}) => course.guests,
    ),
    figure(
      'CONN/S',
      5,
      ({connects}) => rate(connects),
      ({course}) => course.connects,
    ),
    figure(
      'DISC/S',
      6,
      ({disconnects}) => rate(disconnects),
      ({course}) => course.disconnects,
    ),
    figure(
      'IN/S',
      7,
      ({received}) => rate(received),
      ({course}) => course.received,
    ),
    figure(
      'OUT/S',
      7.5,
      ({sent}) => rate(sent),
      ({course}) => course.sent,
    ),
    figure(
      'RTT',
      7.7,
      ({ms}) => round(ms),
      ({course}) => course.ms,
    ),
    {header: 'STORE', cell: ({figures}) => figures.store, priority: 3, maxWidth: 22, canTruncate: true},
    ...(bars === 0 ? [trend] : []),
  ];
}

/** Each figure of one gate by itself, with its course over the width of the screen. */
function panelLines(state: State, rows: readonly OverviewRow[], height: number, pen: Pen): readonly Line[] {
  if (height < 2) return [];
  const id = cursorGate(state) ?? '';
  const row = rows.find((one) => one.id === id);
  if (row === undefined) return [];
  const {figures} = row;
  const {course} = figures;
  const entries: readonly (readonly [string, string, readonly number[]])[] = [
    ['sessions', number(figures.sessions), course.sessions],
    ['bound', number(figures.bound), course.bound],
    ['guests', number(figures.guests), course.guests],
    ['connects/s', rate(figures.connects), course.connects],
    ['disconnects/s', rate(figures.disconnects), course.disconnects],
    ['messages in/s', rate(figures.received), course.received],
    ['messages out/s', rate(figures.sent), course.sent],
    ['round trip', round(figures.ms), course.ms],
    ['not stored yet', number(figures.dirty), course.dirty],
  ];
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
