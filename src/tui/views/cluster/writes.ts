import {duration, plural} from '../../../output/text/humanize.js';
import {activeWindow, checkDetailRows} from '../../layout/layout.js';
import type {DashboardWrite} from '../../model/dialog.js';
import type {State} from '../../model/state.js';
import {cursorWrite, newestWrites, writeState} from '../../model/tables/writes.js';
import type {ScreenColumn} from '../../text/columns.js';
import {dim, type Line, line, type Pen} from '../../text/line.js';
import {tableLines} from '../rows.js';
import {detailLines} from './blocks.js';

const tones = {running: 'warn', good: 'good', warn: 'warn', bad: 'bad'} as const;

/**
 * Draws the writes started in this dashboard: running writes, and the results of the latest
 * finished ones.
 */
export function writesView(state: State, pen: Pen): readonly Line[] {
  const rows = newestWrites(state);
  const {now} = state;
  const columns: readonly ScreenColumn<DashboardWrite>[] = [
    {
      header: 'STATE',
      cell: (write) => writeState(write),
      priority: 0,
      tone: ({result}) => tones[result?.tone ?? 'running'],
    },
    {header: 'AGE', cell: ({startedAt}) => duration(now - startedAt), align: 'right', priority: 2},
    {header: 'WRITE', cell: ({title}) => title, priority: 1, maxWidth: 44, canTruncate: true},
    {
      header: 'PROGRESS',
      cell: ({progress, result}) => result?.lines[0] ?? progress ?? '…',
      priority: 3,
      canTruncate: true,
    },
  ];
  const window = activeWindow(state);
  const {columns: width} = state.size;
  const lines = tableLines({columns, rows, window, width}, pen);
  if (rows.length === 0) return [...lines, line(dim('  nothing was written since the dashboard started'))];
  const space = Array.from({length: Math.max(0, window.height - rows.length)}, () => line());
  const shown = cursorWrite(state);
  const detail = shown === undefined ? [] : [...(shown.result?.lines ?? []), `$ ${shown.command}`];
  return [...lines, ...space, ...detailLines(detail, width, checkDetailRows, pen)];
}

/** Returns the footer's summary: running and finished writes. */
export function writesSummary({writes}: State): string {
  const running = writes.filter(({result}) => result === undefined).length;
  return `${plural(running, 'write')} running, ${writes.length - running} ended  |  S stops the one under the cursor`;
}
