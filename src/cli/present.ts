import type {FoundRow, GateOutcome, Gathered, Listing, LocatedRow} from '../cluster/cluster.js';
import {ExitCode} from '../errors.js';
import {paint} from '../output/color.js';
import {grouped, plural} from '../output/human.js';
import {safeText} from '../output/safe-text.js';
import type {Sheet, Tail} from '../output/sheet.js';
import {writeFields, writeOne, writeRows} from '../output/write-rows.js';
import type {Fields} from '../sheets/fields.js';
import type {TimeBytes} from '../sheets/session-bytes.js';
import {type TimeCell, timeBytes, timeCell} from '../sheets/time.js';
import type {CommandContext} from './context.js';
import {completeness, settle} from './partial.js';
import {notice} from './talk.js';

export {settle} from './partial.js';

export function times(context: CommandContext): TimeCell {
  return timeCell(context.manners.format, context.now());
}

/** The same for rows in bytes. */
export function timesInBytes(context: CommandContext): TimeBytes {
  return timeBytes(context.manners.format, context.now());
}

/** Rows of many gates as they come, then what became of each gate. `total` is asked when the limit cut them. */
export async function showListing<Row>(
  context: CommandContext,
  sheet: Sheet<Row>,
  listing: Listing<Row>,
  total?: () => Promise<number | undefined>,
): Promise<ExitCode> {
  const count = await write(context, sheet, listing.rows, () => completeness(listing.outcomes()));
  const outcomes = listing.outcomes();
  if (count === context.manners.limit) await noticeLimit(context, count, total);
  else if (count === 0) await noticeNothing(context, outcomes);
  return settle(context, outcomes);
}

/** No limit is silent: how many there are is said, where it can be counted. */
async function noticeLimit(
  context: CommandContext,
  count: number,
  total: (() => Promise<number | undefined>) | undefined,
): Promise<void> {
  if (context.manners.quiet) return;
  const all = await total?.();
  if (all === undefined) return notice(context, `showing ${grouped(count)}: there may be more (--limit)`);
  if (all > count) await notice(context, `showing ${grouped(count)} of ${grouped(all)} (--limit)`);
}

/** An empty answer may only be called empty when it is whole. */
async function noticeNothing(context: CommandContext, outcomes: readonly GateOutcome[]): Promise<void> {
  const answered = outcomes.filter(({status}) => status === 'ok').length;
  if (answered === outcomes.length) await notice(context, `nothing found on ${plural(answered, 'gate')}`);
}

/** Rows of all gates at once, then what became of each gate. `about` is for machines. */
export async function showGathered<Row>(
  context: CommandContext,
  sheet: Sheet<Row>,
  gathered: Pick<Gathered<unknown>, 'outcomes'>,
  rows: readonly Row[],
  about: Tail = {},
  {quietWhenEmpty = false}: {readonly quietWhenEmpty?: boolean} = {},
): Promise<ExitCode> {
  await write(context, sheet, rows, () => ({...about, ...completeness(gathered.outcomes)}));
  if (rows.length === 0 && !quietWhenEmpty) await noticeNothing(context, gathered.outcomes);
  return settle(context, gathered.outcomes);
}

/** Rows that stand for themselves. */
export async function showRows<Row>(
  context: CommandContext,
  sheet: Sheet<Row>,
  rows: readonly Row[],
  about: Tail = {},
): Promise<ExitCode> {
  await write(context, sheet, rows, () => ({...about, complete: true}));
  return ExitCode.done;
}

/** Rows of a work as it goes on; resolves with their number. */
export function streamRows<Row>(
  context: CommandContext,
  sheet: Sheet<Row>,
  rows: AsyncIterable<Row>,
  tail: () => Tail,
): Promise<number> {
  return write(context, sheet, rows, tail);
}

/** One thing: its fields for people, one tab-separated line on a pipe, one document for machines. */
export async function showOne(context: CommandContext, {id, fields, record}: Fields): Promise<ExitCode> {
  const {out} = context.io;
  const {format} = context.manners;
  if (format === 'json' || format === 'yaml') await writeOne(out, record, format);
  else if (format === 'table' || format === 'wide') await writeFields(out, fields);
  else
    await write(context, {...fieldSheet(fields), record: () => record, id: () => id}, [fields], () => ({}));
  return ExitCode.done;
}

/** One bare value; machines get it with what it belongs to. */
export async function showValue(context: CommandContext, value: string, record: Tail): Promise<ExitCode> {
  const {format} = context.manners;
  if (format === 'json' || format === 'jsonl' || format === 'yaml')
    return showOne(context, {id: '', fields: [], record});
  await context.io.out.write(`${safeText(value)}\n`);
  return ExitCode.done;
}

/** The rows of a question that each gate answered with many. */
export function rowsOf(gathered: Gathered<readonly FoundRow[]>): readonly LocatedRow[] {
  return [...gathered.results].flatMap(([node, rows]) => rows.map((row) => ({...row, node})));
}

function fieldSheet(fields: Fields['fields']) {
  return {
    columns: fields.map(([header], at) => ({header, cell: (row: Fields['fields']) => row[at]?.[1] ?? ''})),
  };
}

function write<Row>(
  context: CommandContext,
  sheet: Sheet<Row>,
  rows: AsyncIterable<Row> | Iterable<Row>,
  tail: () => Tail,
): Promise<number> {
  const {out} = context.io;
  return writeRows(out, context.manners.format, sheet, rows, tail, {
    columns: out.isTerminal ? out.columns : undefined,
    header: context.io.color.out ? paint.bold : undefined,
  });
}
