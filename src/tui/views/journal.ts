import {formatDuration} from '../../output/text/humanize.js';
import type {JournalRow} from '../dashboard-deps.js';
import {currentTableWindow, journalEntryLines} from '../layout/screen-layout.js';
import type {State} from '../model/state.js';
import {sortedJournal} from '../model/tables/sorted-rows.js';
import {type DrawStyle, dimSpan, type Line, lineOf, safeSpanText} from '../text/line.js';
import type {ScreenColumn} from '../text/table-columns.js';
import {tableLines} from './table-lines.js';

/** Draws the journal of writes made with gatectl on this machine, newest first. */
export function journalView(state: State, style: DrawStyle): readonly Line[] {
  const {now} = state;
  const columns: readonly ScreenColumn<JournalRow>[] = [
    {header: 'AGE', cell: ({at}) => formatDuration(now - at), align: 'right', priority: 2},
    {header: 'COMMAND', cell: ({command}) => command, priority: 0},
    {header: 'TARGET', cell: ({target}) => target, priority: 1, maxWidth: 48, canTruncate: true},
    {
      header: 'OUTCOME',
      cell: ({outcome}) => outcome,
      priority: 3,
      maxWidth: 40,
      canTruncate: true,
      tone: ({outcome}) => (outcome === 'done' ? 'good' : 'warn'),
    },
    {header: 'ACTOR', cell: ({actor}) => actor, priority: 5, maxWidth: 24, canTruncate: true},
    {header: 'REASON', cell: ({reason}) => reason, priority: 4, canTruncate: true},
  ];
  const rows = sortedJournal(state);
  const lines = tableLines(
    {columns, rows, window: currentTableWindow(state), width: state.size.columns, sort: state.sorts.journal},
    style,
  );
  return rows.length > 0 ? lines : [...lines, lineOf(dimSpan('  no writes yet'))];
}

/** Draws one journal entry as JSON. */
export function journalEntryView(state: State): readonly Line[] {
  const {top, height, index} = currentTableWindow(state);
  return journalEntryLines(state)
    .slice(top, top + height)
    .map((text, at) => ({
      ...lineOf(` ${safeSpanText(text)}`),
      ...(top + at === index ? {tone: 'cursor' as const} : {}),
    }));
}
