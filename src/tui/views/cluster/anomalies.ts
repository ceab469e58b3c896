import {type Anomaly, type AnomalyReport, severities} from '../../../cluster/anomalies/anomaly.js';
import {formatDuration, formatPlural} from '../../../output/text/humanize.js';
import {shellLine} from '../../../output/text/shell-word.js';
import {currentTableWindow, rowDetailHeight} from '../../layout/screen-layout.js';
import type {State} from '../../model/state.js';
import {anomalyFix, cursorAnomaly, sortedAnomalies} from '../../model/tables/anomalies-and-findings.js';
import {type DrawStyle, dimSpan, type Line, lineOf, safeSpanText, tonedSpan} from '../../text/line.js';
import type {ScreenColumn} from '../../text/table-columns.js';
import {tableLines} from '../table-lines.js';
import {rowDetailLines} from './line-blocks.js';

const tones = {high: 'bad', medium: 'warn', low: 'dim'} as const;

const columns: readonly ScreenColumn<Anomaly>[] = [
  {header: 'SEVERITY', cell: ({severity}) => severity, priority: 1, tone: ({severity}) => tones[severity]},
  {header: 'CHECK', cell: ({check}) => check, priority: 0},
  {header: 'SUBJECT', cell: ({subject}) => subject, priority: 0.5, maxWidth: 40, canTruncate: true},
  {header: 'FIX', cell: ({check}) => anomalyFix(check).text, priority: 2, tone: () => 'accent'},
  {header: 'EVIDENCE', cell: ({evidence}) => evidence, priority: 3, canTruncate: true},
];

/** Draws the inconsistent sessions and records, each with the key that repairs it. */
export function anomaliesView(state: State, style: DrawStyle): readonly Line[] {
  const rows = sortedAnomalies(state);
  const window = currentTableWindow(state);
  const {columns: width} = state.size;
  const lines = tableLines({columns, rows, window, width, sort: state.sorts.anomalies}, style);
  if (rows.length === 0) return [...lines, ...emptyLines(state)];
  const space = Array.from({length: Math.max(0, window.height - rows.length)}, () => lineOf());
  const shown = cursorAnomaly(state);
  const detail = shown === undefined ? [] : [shown.evidence, `$ ${shellLine(['gatectl', ...shown.next])}`];
  return [...lines, ...space, ...rowDetailLines(detail, width, rowDetailHeight, style)];
}

function emptyLines({anomalies}: State): readonly Line[] {
  const {report, fault} = anomalies;
  if (fault !== undefined) return [lineOf(tonedSpan('bad', `  ${safeSpanText(fault)}`))];
  if (report === undefined) return [lineOf(dimSpan('  checking every session and record …'))];
  const of = `${formatPlural(report.sessions, 'session')} and ${formatPlural(report.records, 'record')}`;
  return [lineOf(tonedSpan('good', '  + '), dimSpan(`no anomaly among ${of}`))];
}

const recordChecks: readonly string[] = ['ghost', 'orphan'];

/** Returns the gates that several inconsistent records name: `13 records of Gate@a2`. */
export function recordsByGate({anomalies}: AnomalyReport): readonly string[] {
  const counts = new Map<string, number>();
  for (const {check, sessions} of anomalies) {
    const [gate] = sessions[0]?.split('/') ?? [];
    if (gate !== undefined && recordChecks.includes(check)) counts.set(gate, (counts.get(gate) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([gate, count]) => `${formatPlural(count, 'record')} of ${gate}`);
}

/** Returns the footer's summary: counts, age, and what could not be checked. */
export function anomaliesSummary({anomalies, now}: State): string {
  const {report, at, fault} = anomalies;
  if (report === undefined) return fault ?? 'checking …';
  const counts = severities
    .filter((severity) => report.counts[severity] > 0)
    .map((severity) => `${report.counts[severity]} ${severity}`);
  const notes = report.checks.flatMap(({check, note}) => (note === '' ? [] : [`${check}: ${note}`]));
  const failed = report.outcomes.filter(({status}) => status === 'failed').length;
  return [
    counts.length === 0 ? 'no anomaly' : [...counts, ...recordsByGate(report)].join(', '),
    `checked ${formatDuration(now - at)} ago, Ctrl-R checks again`,
    ...(fault === undefined ? [] : [fault]),
    ...(failed > 0 ? [`PARTIAL: ${failed} of ${formatPlural(report.outcomes.length, 'gate')} missing`] : []),
    ...notes,
  ].join('  |  ');
}
