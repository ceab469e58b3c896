import {formatDuration, formatPlural} from '../../../output/text/humanize.js';
import type {DoctorFinding} from '../../dashboard-deps.js';
import {currentTableWindow, rowDetailHeight} from '../../layout/screen-layout.js';
import type {State} from '../../model/state.js';
import {cursorFinding, sortedFindings} from '../../model/tables/anomalies-and-findings.js';
import {type DrawStyle, dimSpan, type Line, lineOf, safeSpanText, tonedSpan} from '../../text/line.js';
import type {ScreenColumn} from '../../text/table-columns.js';
import {tableLines} from '../table-lines.js';
import {rowDetailLines} from './line-blocks.js';

const tones = {fail: 'bad', warn: 'warn', ok: 'good'} as const;

const columns: readonly ScreenColumn<DoctorFinding>[] = [
  {header: 'STATE', cell: ({state}) => state, priority: 0, tone: ({state}) => tones[state]},
  {header: 'CHECK', cell: ({check}) => check, priority: 1},
  {header: 'SUBJECT', cell: ({subject}) => subject, priority: 2, maxWidth: 40, canTruncate: true},
  {header: 'DETAIL', cell: ({detail}) => detail, priority: 3, maxWidth: 70, canTruncate: true},
  {header: 'NEXT', cell: ({next}) => next, priority: 4, canTruncate: true, tone: () => 'accent'},
];

/** Columns for findings without a next step; the detail column takes the space. */
const withoutNext = columns
  .filter(({header}) => header !== 'NEXT')
  .map((column) => (column.header === 'DETAIL' ? {...column, maxWidth: undefined} : column));

const signs = {fail: '!', warn: '~', ok: ' '} as const;

/** Draws the findings of `gatectl doctor`, each with its next step. */
export function doctorView(state: State, style: DrawStyle): readonly Line[] {
  const rows = sortedFindings(state);
  const window = currentTableWindow(state);
  const {columns: width} = state.size;
  const sign = (row: DoctorFinding): string => signs[row.state];
  const shownColumns = rows.some(({next}) => next !== '') ? columns : withoutNext;
  const table = {columns: shownColumns, rows, window, width, sign, sort: state.sorts.doctor};
  const lines = tableLines(table, style);
  if (rows.length === 0) return [...lines, emptyLine(state)];
  const space = Array.from({length: Math.max(0, window.height - rows.length)}, () => lineOf());
  const shown = cursorFinding(state);
  const detail =
    shown === undefined ? [] : [shown.detail, ...(shown.next === '' ? [] : [`next: ${shown.next}`])];
  return [...lines, ...space, ...rowDetailLines(detail, width, rowDetailHeight, style)];
}

function emptyLine({doctor}: State): Line {
  const {fault} = doctor;
  return fault === undefined
    ? lineOf(dimSpan('  checking the bus, the registry, gates, storage and permissions …'))
    : lineOf(tonedSpan('bad', `  ${safeSpanText(fault)}`));
}

/** Returns the footer's summary: counts and age. */
export function doctorSummary({doctor, now}: State): string {
  const {findings, at, fault} = doctor;
  if (findings === undefined) return fault ?? 'checking …';
  const count = (wanted: DoctorFinding['state']): number =>
    findings.filter(({state}) => state === wanted).length;
  return [
    `${formatPlural(count('fail'), 'failure')}, ${formatPlural(count('warn'), 'warning')}, ${count('ok')} ok`,
    `checked ${formatDuration(now - at)} ago, Ctrl-R checks again`,
    ...(fault === undefined ? [] : [fault]),
  ].join('  |  ');
}
