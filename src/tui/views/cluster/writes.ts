import {formatDuration, formatPlural} from '../../../output/text/humanize.js';
import {currentTableWindow, rowDetailHeight} from '../../layout/screen-layout.js';
import type {DashboardWrite} from '../../model/dialog-types.js';
import type {State} from '../../model/state.js';
import {cursorWrite, writeStateText, writesNewestFirst} from '../../model/tables/dashboard-writes.js';
import {type DrawStyle, dimSpan, type Line, lineOf} from '../../text/line.js';
import type {ScreenColumn} from '../../text/table-columns.js';
import {tableLines} from '../table-lines.js';
import {rowDetailLines} from './line-blocks.js';

const tones = {running: 'warn', good: 'good', warn: 'warn', bad: 'bad'} as const;

/**
 * Draws the writes started in this dashboard: running writes, and the results of the latest
 * finished ones.
 */
export function writesView(state: State, style: DrawStyle): readonly Line[] {
  const rows = writesNewestFirst(state);
  const {now} = state;
  const columns: readonly ScreenColumn<DashboardWrite>[] = [
    {
      header: 'STATE',
      cell: (write) => writeStateText(write),
      priority: 0,
      tone: ({result}) => tones[result?.tone ?? 'running'],
    },
    {header: 'AGE', cell: ({startedAt}) => formatDuration(now - startedAt), align: 'right', priority: 2},
    {header: 'WRITE', cell: ({title}) => title, priority: 1, maxWidth: 44, canTruncate: true},
    {
      header: 'PROGRESS',
      cell: ({progress, result}) => result?.lines[0] ?? progress ?? '…',
      priority: 3,
      canTruncate: true,
    },
  ];
  const window = currentTableWindow(state);
  const {columns: width} = state.size;
  const lines = tableLines({columns, rows, window, width}, style);
  if (rows.length === 0)
    return [...lines, lineOf(dimSpan('  nothing was written since the dashboard started'))];
  const space = Array.from({length: Math.max(0, window.height - rows.length)}, () => lineOf());
  const shown = cursorWrite(state);
  const detail = shown === undefined ? [] : [...(shown.result?.lines ?? []), `$ ${shown.command}`];
  return [...lines, ...space, ...rowDetailLines(detail, width, rowDetailHeight, style)];
}

/** Returns the footer's summary: running and finished writes. */
export function writesSummary({writes}: State): string {
  const running = writes.filter(({result}) => result === undefined).length;
  return `${formatPlural(running, 'write')} running, ${writes.length - running} ended  |  S stops the one under the cursor`;
}
