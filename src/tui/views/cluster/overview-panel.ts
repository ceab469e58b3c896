import type {GateMetrics, MetricName} from '../../model/gate-metrics.js';
import type {State} from '../../model/state.js';
import {axisMaximum, axisNumberText} from '../../text/axis-scale.js';
import {type Chart, chartLines} from '../../text/chart.js';
import {
  type DrawStyle,
  dimSpan,
  joinLeftAndRight,
  type Line,
  lineOf,
  type Span,
  safeSpanText,
  tonedSpan,
} from '../../text/line.js';
import {sparkline} from '../../text/sparkline.js';
import type {TextTone} from '../../text/theme.js';
import {placeSideBySide} from './line-blocks.js';
import {currentMetricText, metricViews} from './metric-views.js';
import {notableEventsBlock, worstAnomaliesBlock} from './overview-lists.js';

/** Time spans that charts and sparklines can show, in milliseconds. */
const spansMs = [60_000, 120_000, 300_000] as const;

/** Charts end at the newest sample if it is at most this many milliseconds old. */
const recentMs = 4000;

/**
 * Returns the time span of charts and sparklines: five minutes, or less while the history is
 * shorter. Ends at the newest sample, so charts change with each poll rather than each second; while no gate
 * answers, ends now.
 */
export function chartTimeRange({gates, now}: State): {readonly from: number; readonly to: number} {
  let [first, newest] = [now, 0];
  for (const {samples} of gates.values()) {
    first = Math.min(first, samples[0]?.at ?? first);
    newest = Math.max(newest, samples.at(-1)?.at ?? newest);
  }
  const to = now - newest < recentMs ? newest : now;
  const ms = spansMs.find((span) => to - first <= span) ?? 300_000;
  return {from: to - ms, to};
}

interface Shown {
  readonly id: string;
  readonly name: string;
  readonly metrics: GateMetrics;
}

/** Draws the lower part of the overview, in as much detail as its height allows. */
export function overviewPanelLines(
  state: State,
  shown: Shown,
  height: number,
  style: DrawStyle,
): readonly Line[] {
  if (height < 2) return [];
  const {columns: width} = state.size;
  const facts = height < least ? [] : factNames.slice(0, width >= 140 ? factNames.length : 3);
  const title = titleLine(state, shown, facts, style);
  if (height < least || width < 50) return [title, ...metricLines(state, shown, height - 1, style)];
  const room = height - 1;
  if (width >= 150 && room >= 12) {
    const left = Math.floor(width * 0.62);
    const lists = listLines(state, width - left - 2, room, false, style);
    return [title, ...placeSideBySide(chartRows(state, shown, left, room, style), lists, left + 2, style)];
  }
  const forLists = room < 9 ? 0 : Math.max(4, Math.floor(room * 0.32));
  const charts = chartRows(state, shown, width - 1, room - forLists, style);
  return [
    title,
    ...charts,
    ...(forLists === 0 ? [] : listLines(state, width, forLists, width >= 100, style)),
  ];
}

/** Metrics that have no chart, most important first. */
const factNames = ['dirty', 'bound', 'guests', 'delay', 'waiting', 'heap', 'memory'] as const;

/** Minimum height for charts; below it, sparklines are shown. */
const least = 7;

function titleLine(
  state: State,
  {id, name, metrics}: Shown,
  facts: readonly MetricName[],
  style: DrawStyle,
): Line {
  const said = facts.flatMap((fact): Span[] => {
    const label = metricViews.find((view) => view.name === fact)?.label ?? fact;
    const value = currentMetricText(metrics.current, fact);
    const isBehind = fact === 'dirty' && (metrics.current.dirty ?? 0) > 0;
    return [dimSpan(`${label} `), tonedSpan(isBehind ? 'warn' : 'strong', value), {text: '  '}];
  });
  return joinLeftAndRight(
    lineOf(tonedSpan('head', `  ${safeSpanText(name)}`), dimSpan(`  ${safeSpanText(aboutGate(state, id))}`)),
    lineOf(...said),
    state.size.columns,
    style,
  );
}

function aboutGate({gates}: State, id: string): string {
  const gate = gates.get(id);
  if (gate === undefined) return '';
  const {info, node} = gate;
  if (info === undefined) return node === undefined ? '' : `found by ${node.source}`;
  const {software, softwareVersion, host, pid} = info;
  return `${software} ${softwareVersion}, ${host} pid ${pid}`;
}

/** Four charts, arranged in one, two or four columns. */
interface KeptCharts {
  readonly key: string;
  readonly metrics: GateMetrics;
  readonly lines: readonly Line[];
}

/** Charts of the last frame. */
let last: KeptCharts | undefined;

function chartRows(
  state: State,
  shown: Shown,
  width: number,
  height: number,
  style: DrawStyle,
): readonly Line[] {
  const key = `${chartTimeRange(state).to} ${width} ${height} ${style.ascii}`;
  if (last === undefined || last.key !== key || last.metrics !== shown.metrics)
    last = {key, metrics: shown.metrics, lines: drawnCharts(state, shown, width, height, style)};
  return last.lines;
}

function drawnCharts(
  state: State,
  {metrics}: Shown,
  width: number,
  height: number,
  style: DrawStyle,
): readonly Line[] {
  const charts = chartsOf(state, metrics);
  const perChart = (down: number): number => Math.floor(height / down);
  const down = perChart(2) >= 4 ? 2 : 1;
  const across = down === 2 ? 2 : width >= 110 ? 4 : 2;
  const gap = 2;
  const each = Math.floor((width - gap * (across - 1)) / across);
  const lines = Array.from({length: down}, (_, row) => {
    const rows = perChart(down) + (row < height % down ? 1 : 0);
    const some = charts.slice(row * across, (row + 1) * across);
    return some
      .map((chart) => chartLines(chart, each, rows, style))
      .reduce((left, right, at) => placeSideBySide(left, right, (each + gap) * at, style));
  });
  return lines.flat();
}

function chartsOf(state: State, {current, history}: GateMetrics): readonly Chart[] {
  const span = chartTimeRange(state);
  const seriesOf = (name: MetricName, tone: TextTone, word = '') => ({
    points: history[name],
    tone,
    label: `${word}${currentMetricText(current, name)}`,
  });
  return [
    {...span, title: 'sessions', series: [seriesOf('sessions', 'accent')]},
    {
      ...span,
      title: 'messages/s',
      series: [seriesOf('received', 'accent', 'in '), seriesOf('sent', 'good', 'out ')],
    },
    {
      ...span,
      title: 'connects/s',
      series: [seriesOf('connects', 'accent', 'on '), seriesOf('disconnects', 'warn', 'off ')],
    },
    {...span, title: 'round trip', unit: ' ms', series: [seriesOf('ms', 'accent')]},
  ];
}

function listLines(
  state: State,
  width: number,
  rows: number,
  isWide: boolean,
  style: DrawStyle,
): readonly Line[] {
  if (isWide) {
    const half = Math.floor(width / 2);
    return placeSideBySide(
      notableEventsBlock(state, half - 1, rows, style),
      worstAnomaliesBlock(state, width - half, rows, style),
      half,
      style,
    );
  }
  const events = notableEventsBlock(state, width, Math.max(2, Math.floor(rows * 0.6)), style);
  return [...events, ...worstAnomaliesBlock(state, width, rows - events.length, style)];
}

/** Draws the history of every metric as a sparkline, for screens too low for charts. */
function metricLines(state: State, {metrics}: Shown, height: number, style: DrawStyle): readonly Line[] {
  const {current, history} = metrics;
  const {columns} = state.size;
  const across = height >= metricViews.length ? 1 : columns >= 120 ? 3 : 2;
  const shownViews = metricViews.slice(0, height * across);
  const width = Math.floor((columns - 2) / across);
  const span = chartTimeRange(state);
  const cells = shownViews.map(({name, label, format}) => {
    const most = axisMaximum(history[name].map(({value}) => value)) ?? 0;
    const lead = `${label.padEnd(15)}${format(current[name]).padStart(8)} `;
    const scale = `${style.ascii ? '<=' : '≤'}${axisNumberText(most)}`.padEnd(6);
    const bars = Math.max(0, Math.min(150, width - lead.length - scale.length - 2));
    return [
      lead,
      tonedSpan('accent', sparkline(history[name], bars, {...span, most}, style.ascii)),
      dimSpan(scale),
      '  ',
    ];
  });
  const perColumn = Math.ceil(cells.length / across);
  const lines = Array.from({length: perColumn}, (_, at) =>
    lineOf(
      '  ',
      ...Array.from({length: across}, (__, column) => cells[at + column * perColumn] ?? []).flat(),
    ),
  );
  return lines.slice(0, height);
}
