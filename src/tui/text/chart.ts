import {formatDuration} from '../../output/text/humanize.js';
import {axisLimits, axisNumberText} from './axis-scale.js';
import {DotCanvas} from './dot-canvas.js';
import {
  type DrawStyle,
  dimSpan,
  fitToWidth,
  joinLeftAndRight,
  type Line,
  lineOf,
  type Span,
  tonedSpan,
} from './line.js';
import type {TextTone} from './theme.js';

/** A value at a time in Unix milliseconds. */
export interface ChartPoint {
  readonly at: number;
  readonly value: number;
}

interface ChartSeries {
  /** Points in chronological order. */
  readonly points: readonly ChartPoint[];
  readonly tone: TextTone;
  /** Name and current value, shown in the title. */
  readonly label: string;
}

export interface Chart {
  readonly title: string;
  /** One or two series. The second is dotted, to differ without colours. */
  readonly series: readonly ChartSeries[];
  /** Time of the left edge, in Unix milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly unit?: string | undefined;
}

/**
 * Points further apart than this many milliseconds are not joined, because the gate did not answer.
 */
const mostGapMs = 10_500;

/** Draws a title, a plot of `height - 2` rows, and a time axis. */
export function chartLines(chart: Chart, width: number, height: number, style: DrawStyle): readonly Line[] {
  const shown = chart.series.map(({points}) => points.filter(({at}) => at >= chart.from && at <= chart.to));
  const scale = axisLimits(shown.flat().map(({value}) => value));
  const {base, top} = scale ?? {base: 0, top: 1};
  const unit = chart.unit ?? '';
  const labels = [top, (base + top) / 2, base].map((value) => `${axisNumberText(value)}${unit}`);
  const labelWidth = Math.max(5, ...labels.map((text) => text.length));
  const rows = Math.max(1, height - 2);
  const canvas = new DotCanvas(Math.max(1, width - labelWidth - 2), rows, style.ascii);
  for (const [at, points] of shown.entries())
    plot(canvas, points, {chart, series: at, base, top: Math.max(top, base + 1e-9)});
  const mid = rows >= 5 && rows % 2 === 1 ? (rows - 1) / 2 : -1;
  const [upper = '', centre = '', lower = ''] = scale === undefined ? [] : labels;
  const middle = centre === upper || centre === lower ? '' : centre; // rounded to the value of another label
  const bar = style.ascii ? '|' : '│';
  const axis = (text: string): Span => dimSpan(`${fitToWidth(text, labelWidth, style, 'right')} ${bar}`);
  const plotted = Array.from({length: rows}, (_, row) =>
    lineOf(axis(row === 0 ? upper : row === mid ? middle : ''), ...spansOf(canvas.cells(row))),
  );
  return [titleLine(chart, width, style), ...plotted, timeAxis(chart, lower, labelWidth, width, style)];
}

function titleLine({title, series}: Chart, width: number, style: DrawStyle): Line {
  const marks = style.ascii ? ['--', '++'] : ['⠒⠒', '⠂⠂'];
  const legend = series.flatMap(({label, tone}, at) =>
    series.length === 1
      ? [tonedSpan('strong', label)]
      : [tonedSpan(tone, `${at === 0 ? '' : '  '}${marks[at]} `), tonedSpan('strong', label)],
  );
  return joinLeftAndRight(lineOf(tonedSpan('head', ` ${title}`)), lineOf(...legend), width, style);
}

interface Plot {
  readonly chart: Chart;
  readonly series: number;
  readonly base: number;
  readonly top: number;
}

/**
 * Draws a series as a line. Several points in one column become a bar from the lowest to the
 * highest.
 */
function plot(canvas: DotCanvas, points: readonly ChartPoint[], {chart, series, base, top}: Plot): void {
  const tone = chart.series[series]?.tone ?? 'accent';
  const drawn = canvas.addSeries(tone);
  const span = Math.max(1, chart.to - chart.from);
  const columnOf = (at: number): number =>
    Math.min(canvas.columns - 1, Math.floor(((at - chart.from) / span) * canvas.columns));
  const rowOf = (value: number): number => Math.round(((value - base) / (top - base)) * (canvas.rows - 1));
  const draw = (column: number, from: number, to: number): void => {
    if (series === 0 || column % 2 === 0) canvas.fill(drawn, column, from, to);
  };
  let before: ChartPoint | undefined;
  for (const point of points) {
    const [column, row] = [columnOf(point.at), rowOf(point.value)];
    const isJoined = before !== undefined && point.at - before.at <= mostGapMs;
    const start = isJoined && before !== undefined ? columnOf(before.at) : column;
    let last = isJoined && before !== undefined ? rowOf(before.value) : row;
    const first = last;
    for (let at = start; at <= column; at += 1) {
      const next =
        start === column ? row : Math.round(first + ((row - first) * (at - start)) / (column - start));
      draw(at, last, next);
      last = next;
    }
    before = point;
  }
}

/** Joins adjacent cells of the same tone. */
function spansOf(cells: ReturnType<DotCanvas['cells']>): readonly Span[] {
  const spans: {text: string; tone: TextTone | undefined}[] = [];
  for (const {text, tone} of cells) {
    const last = spans.at(-1);
    if (last !== undefined && (last.tone === tone || text === ' ')) last.text += text;
    else spans.push({text, tone});
  }
  return spans;
}

/** Draws the bottom line: the lowest value on the left, and the times below the plot. */
function timeAxis(
  {from, to}: Chart,
  lower: string,
  labelWidth: number,
  width: number,
  style: DrawStyle,
): Line {
  const [corner, bar] = style.ascii ? ['+', '-'] : ['└', '─'];
  const room = Math.max(0, width - labelWidth - 2);
  const marks = [
    formatDuration(to - from),
    room >= 36 ? formatDuration((to - from) / 2) : '',
    'now',
  ] as const;
  const [start, middle, end] = marks;
  const half = Math.floor((room - middle.length) / 2);
  const left = start.padEnd(half, bar) + middle;
  const text = left.padEnd(Math.max(left.length, room - end.length), bar) + end;
  return lineOf(dimSpan(`${fitToWidth(lower, labelWidth, style, 'right')} ${corner}${text.slice(0, room)}`));
}
