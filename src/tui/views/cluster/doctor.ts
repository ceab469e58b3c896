import {duration, plural} from '../../../output/text/humanize.js';
import type {DoctorFinding} from '../../dashboard-deps.js';
import {activeWindow, checkDetailRows} from '../../layout/layout.js';
import type {State} from '../../model/state.js';
import {cursorFinding, sortedFindings} from '../../model/tables/check-rows.js';
import type {ScreenColumn} from '../../text/columns.js';
import {dim, type Line, line, type Pen, safeSpanText, withTone} from '../../text/line.js';
import {tableLines} from '../rows.js';
import {detailLines} from './blocks.js';

const tones = {fail: 'bad', warn: 'warn', ok: 'good'} as const;

const columns: readonly ScreenColumn<DoctorFinding>[] = [
  {header: 'STATE', cell: ({state}) => state, priority: 0, tone: ({state}) => tones[state]},
  {header: 'CHECK', cell: ({check}) => check, priority: 1},
  {header: 'SUBJECT', cell: ({subject}) => subject, priority: 2, maxWidth: 40, canTruncate: true},
  {header: 'DETAIL', cell: ({detail}) => detail, priority: 3, maxWidth: 70, canTruncate: true},
  {header: 'NEXT', cell: ({next}) => next, priority: 4, canTruncate: true, tone: () => 'accent'},
];

/** For findings without a next step: details take its room. */
const withoutNext = columns
  .filter(({header}) => header !== 'NEXT')
  .map((column) => (column.header === 'DETAIL' ? {...column, maxWidth: undefined} : column));

const signs = {fail: '!', warn: '~', ok: ' '} as const;

/** Draws the findings of `gatectl doctor`, each with its next step. */
export function doctorView(state: State, pen: Pen): readonly Line[] {
  const rows = sortedFindings(state);
  const window = activeWindow(state);
  const {columns: width} = state.size;
  const sign = (row: DoctorFinding): string => signs[row.state];
  const shownColumns = rows.some(({next}) => next !== '') ? columns : withoutNext;
  const table = {columns: shownColumns, rows, window, width, sign, sort: state.sorts.doctor};
  const lines = tableLines(table, pen);
  if (rows.length === 0) return [...lines, emptyLine(state)];
  const space = Array.from({length: Math.max(0, window.height - rows.length)}, () => line());
  const shown = cursorFinding(state);
  const detail =
    shown === undefined ? [] : [shown.detail, ...(shown.next === '' ? [] : [`next: ${shown.next}`])];
  return [...lines, ...space, ...detailLines(detail, width, checkDetailRows, pen)];
}

function emptyLine({doctor}: State): Line {
  const {fault} = doctor;
  return fault === undefined
    ? line(dim('  checking the bus, the registry, gates, storage and permissions …'))
    : line(withTone('bad', `  ${safeSpanText(fault)}`));
}

/** Returns the footer's summary: counts and age. */
export function doctorSummary({doctor, now}: State): string {
  const {findings, at, fault} = doctor;
  if (findings === undefined) return fault ?? 'checking …';
  const count = (wanted: DoctorFinding['state']): number =>
    findings.filter(({state}) => state === wanted).length;
  return [
    `${plural(count('fail'), 'failure')}, ${plural(count('warn'), 'warning')}, ${count('ok')} ok`,
    `checked ${duration(now - at)} ago, Ctrl-R checks again`,
    ...(fault === undefined ? [] : [fault]),
  ].join('  |  ');
}
