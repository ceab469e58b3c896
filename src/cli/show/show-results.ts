import {ExitCode, GatectlError} from '../../base/errors.js';
import type {FoundRow, GateOutcome, Gathered, Listing, LocatedRow} from '../../cluster/cluster.js';
import type {DocumentTail, MakeTail, Presenter} from '../../output/formats/presenter.js';
import {writeFields, writeOne, writeRows} from '../../output/formats/write-rows.js';
import {paint} from '../../output/terminal/color.js';
import {groupedDigits, plural} from '../../output/text/humanize.js';
import {safeText} from '../../output/text/safe-text.js';
import type {TimeBytes} from '../../presentation/fast/session-bytes.js';
import type {Fields} from '../../presentation/fields.js';
import {type TimeCell, timeBytes, timeCell} from '../../presentation/time.js';
import type {CommandContext} from '../command-context.js';
import {notice} from './notices.js';
import {completeness, reportPartial} from './partial.js';

export {reportPartial} from './partial.js';

export function timeCells(context: CommandContext): TimeCell {
  return timeCell(context.outputOptions.format, context.now());
}

/** The same for rows in bytes. */
export function timeCellBytes(context: CommandContext): TimeBytes {
  return timeBytes(context.outputOptions.format, context.now());
}

/** Rows of many gates as they come, then what became of each gate. `total` is asked when the limit cut them. */
export async function showListing<Row>(
  context: CommandContext,
  sheet: Presenter<Row>,
  listing: Listing<Row>,
  total?: () => Promise<number | undefined>,
): Promise<ExitCode> {
  let cut: DocumentTail | undefined;
  const count = await write(context, sheet, listing.rows, async (written) => {
    cut = await limitOf(context, written, total);
    return {...cut, ...completeness(listing.outcomes())};
  });
  const outcomes = listing.outcomes();
  if (count === 0) await noticeNothing(context, outcomes);
  else if (!context.outputOptions.quiet)
    await noticeLimit(context, count, cut ?? (await limitOf(context, count, total)));
  return reportPartial(context, outcomes);
}

/** What machines get of a listing that reached its limit: `total` is null where nobody can count. */
async function limitOf(
  {outputOptions: {limit}}: CommandContext,
  count: number,
  total: (() => Promise<number | undefined>) | undefined,
): Promise<DocumentTail> {
  if (count !== limit) return {};
  const all = await total?.().catch(unknownTotal);
  return all === undefined || all > count ? {limited: true, total: all ?? null} : {};
}

/** The rows are shown all the same. */
function unknownTotal(error: unknown): undefined {
  if (!(error instanceof GatectlError)) throw error;
}

/** No limit is silent: how many there are is said, where it can be counted. */
export async function noticeLimit(
  context: CommandContext,
  count: number,
  {limited, total = null}: DocumentTail,
): Promise<void> {
  if (limited !== true) return;
  const of =
    typeof total === 'number' ? ` of ${groupedDigits(total)} (--limit)` : ': there may be more (--limit)';
  await notice(context, `showing ${groupedDigits(count)}${of}`);
}

/** Rows within the limit, and what machines get when some are left out. */
export function withinLimit<Row>(
  {outputOptions: {limit}}: CommandContext,
  rows: readonly Row[],
  keep: 'first' | 'last' = 'first',
): {readonly shown: readonly Row[]; readonly cut: DocumentTail} {
  if (limit === undefined || rows.length <= limit) return {shown: rows, cut: {}};
  const shown = keep === 'first' ? rows.slice(0, limit) : rows.slice(rows.length - limit);
  return {shown, cut: {limited: true, total: rows.length}};
}

/** An empty answer may only be called empty when it is whole. */
async function noticeNothing(context: CommandContext, outcomes: readonly GateOutcome[]): Promise<void> {
  const answered = outcomes.filter(({status}) => status === 'ok').length;
  if (answered === outcomes.length) await notice(context, `nothing found on ${plural(answered, 'gate')}`);
}

/** Rows of all gates at once, then what became of each gate. `about` is for machines. */
export async function showGathered<Row>(
  context: CommandContext,
  sheet: Presenter<Row>,
  gathered: Pick<Gathered<unknown>, 'outcomes'>,
  rows: readonly Row[],
  about: DocumentTail = {},
  {quietWhenEmpty = false}: {readonly quietWhenEmpty?: boolean} = {},
): Promise<ExitCode> {
  const {shown, cut} = withinLimit(context, rows);
  await write(context, sheet, shown, () => ({...cut, ...about, ...completeness(gathered.outcomes)}));
  await noticeLimit(context, shown.length, cut);
  if (rows.length === 0 && !quietWhenEmpty) await noticeNothing(context, gathered.outcomes);
  return reportPartial(context, gathered.outcomes);
}

/** Rows that stand for themselves. */
export async function showRows<Row>(
  context: CommandContext,
  sheet: Presenter<Row>,
  rows: readonly Row[],
  about: DocumentTail = {},
  keep: 'first' | 'last' = 'first',
): Promise<ExitCode> {
  const {shown, cut} = withinLimit(context, rows, keep);
  await write(context, sheet, shown, () => ({...cut, ...about, complete: true}));
  await noticeLimit(context, shown.length, cut);
  return ExitCode.done;
}

/** Rows of a work as it goes on; resolves with their number. */
export function streamRows<Row>(
  context: CommandContext,
  sheet: Presenter<Row>,
  rows: AsyncIterable<Row>,
  tail: () => DocumentTail,
): Promise<number> {
  return write(context, sheet, rows, tail);
}

/** The same within the limit; the rows are read to their end all the same, and counted. */
export async function streamLimited<Row>(
  context: CommandContext,
  sheet: Presenter<Row>,
  rows: AsyncIterable<Row>,
  tail: () => DocumentTail,
): Promise<void> {
  const {limit = Number.POSITIVE_INFINITY} = context.outputOptions;
  let total = 0;
  async function* shown(): AsyncGenerator<Row, void, undefined> {
    for await (const row of rows) {
      total += 1;
      if (total <= limit) yield row;
    }
  }
  const cut = (): DocumentTail => (total > limit ? {limited: true, total} : {});
  const count = await write(context, sheet, shown(), () => ({...cut(), ...tail()}));
  await noticeLimit(context, count, cut());
}

/** One thing: its fields for people, one tab-separated line on a pipe, one document for machines. */
export async function showOne(context: CommandContext, {id, fields, record}: Fields): Promise<ExitCode> {
  const {out} = context.io;
  const {format} = context.outputOptions;
  if (format === 'json' || format === 'yaml') await writeOne(out, record, format);
  else if (format === 'table' || format === 'wide') await writeFields(out, fields);
  else
    await write(context, {...fieldSheet(fields), record: () => record, id: () => id}, [fields], () => ({}));
  return ExitCode.done;
}

/** One bare value; machines get it with what it belongs to. */
export async function showValue(
  context: CommandContext,
  value: string,
  record: DocumentTail,
): Promise<ExitCode> {
  const {format} = context.outputOptions;
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
  sheet: Presenter<Row>,
  rows: AsyncIterable<Row> | Iterable<Row>,
  tail: MakeTail,
): Promise<number> {
  const {out} = context.io;
  return writeRows(out, context.outputOptions.format, sheet, rows, tail, {
    columns: out.isTerminal ? out.columns : undefined,
    header: context.io.color.out ? paint.bold : undefined,
  });
}
