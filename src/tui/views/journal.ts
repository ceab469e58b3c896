import {duration} from '../../output/text/humanize.js';
import type {JournalRow} from '../dashboard-deps.js';
import {activeWindow, journalEntryLines} from '../layout/layout.js';
import type {State} from '../model/state.js';
import {sortedJournal} from '../model/tables/table-rows.js';
import type {ScreenColumn} from '../text/columns.js';
import {dim, type Line, line, type Pen, safeSpanText} from '../text/line.js';
import {tableLines} from './rows.js';

/** Draws the journal of writes made with gatectl on this machine, newest first. */
export function journalView(state: State, pen: Pen): readonly Line[] {
  const {now} = state;
  const columns: readonly ScreenColumn<JournalRow>[] = [
    {header: 'AGE', cell: ({at}) => duration(now - at), align: 'right', priority: 2},
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
    {columns, rows, window: activeWindow(state), width: state.size.columns, sort: state.sorts.journal},
    pen,
  );
  return rows.length > 0 ? lines : [...lines, line(dim('  no writes yet'))];
}

/** Draws one journal entry as JSON. */
export function entryView(state: State): readonly Line[] {
  const {top, height, index} = activeWindow(state);
  return journalEntryLines(state)
    .slice(top, top + height)
    .map((text, at) => ({
      ...line(` ${safeSpanText(text)}`),
      ...(top + at === index ? {tone: 'cursor' as const} : {}),
    }));
}
