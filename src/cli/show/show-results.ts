import {ExitCode, GatectlError} from '../../base/errors.js';
import type {GateOutcome, Gathered, Listing, LocatedRow, RowWithSource} from '../../cluster/cluster.js';
import {nodeCountText} from '../../cluster/read/gather.js';
import type {BuildDocumentTail, DocumentTail, ItemFields, Presenter} from '../../output/formats/presenter.js';
import {writeFields, writeObject, writeRows} from '../../output/formats/write-rows.js';
import {paint} from '../../output/terminal/color.js';
import {formatCount} from '../../output/text/humanize.js';
import {safeText} from '../../output/text/safe-text.js';
import type {TimeByteWriter} from '../../presentation/fast/session-byte-writers.js';
import {type TimeCellFormatter, timeByteWriter, timeCellFormatter} from '../../presentation/time-format.js';
import type {CommandContext} from '../command-context.js';
import {notice} from './notices.js';
import {completenessJson, reportPartialResult} from './partial-result.js';

export function contextTimeFormatter(context: CommandContext): TimeCellFormatter {
  return timeCellFormatter(context.outputOptions.format, context.now());
}

/** Like `contextTimeFormatter`, but for rows that are still encoded. */
export function contextTimeByteWriter(context: CommandContext): TimeByteWriter {
  return timeByteWriter(context.outputOptions.format, context.now());
}

/** Streams rows from many gates, then reports each gate's outcome. `total` counts the rows if the limit was reached. */
export async function showListing<Row>(
  context: CommandContext,
  presenter: Presenter<Row>,
  listing: Listing<Row>,
  total?: () => Promise<number | undefined>,
): Promise<ExitCode> {
  let cut: DocumentTail | undefined;
  const count = await write(context, presenter, listing.rows, async (written) => {
    const about = completenessJson(listing.outcomes());
    cut = await limitOf(context, written, total, about.complete);
    return {...cut, ...about};
  });
  const outcomes = listing.outcomes();
  if (count === 0) await noticeNothing(context, outcomes);
  else if (!context.outputOptions.quiet)
    await noticeLimitReached(context, count, cut ?? (await limitOf(context, count, total, true)));
  return reportPartialResult(context, outcomes);
}

/** Returns the members `limited` and `total`: whether the limit cut the listing, and the number of rows, null if unknown. */
async function limitOf(
  {outputOptions: {limit}}: CommandContext,
  count: number,
  total: (() => Promise<number | undefined>) | undefined,
  isComplete: boolean,
): Promise<DocumentTail> {
  if (count !== limit) return {limited: false, total: isComplete ? count : null};
  const all = await total?.().catch(unknownTotal);
  return {limited: all === undefined || all > count, total: all ?? null};
}

/** Returns undefined for a failed count, because the rows are shown anyway. Rethrows anything but a GatectlError. */
function unknownTotal(error: unknown): undefined {
  if (!(error instanceof GatectlError)) throw error;
}

/** Prints a notice if the limit cut the rows, with the total if it is known. */
export async function noticeLimitReached(
  context: CommandContext,
  count: number,
  {limited, total = null}: DocumentTail,
): Promise<void> {
  if (limited !== true) return;
  const of =
    typeof total === 'number' ? ` of ${formatCount(total)} (--limit)` : ': there may be more (--limit)';
  await notice(context, `showing ${formatCount(count)}${of}`);
}

/** Cuts rows to the limit. Returns them with the JSON members that report the cut. */
export function cutToLimit<Row>(
  {outputOptions: {limit}}: CommandContext,
  rows: readonly Row[],
  keep: 'first' | 'last' = 'first',
): {readonly shown: readonly Row[]; readonly cut: DocumentTail} {
  if (limit === undefined || rows.length <= limit)
    return {shown: rows, cut: {limited: false, total: rows.length}};
  const shown = keep === 'first' ? rows.slice(0, limit) : rows.slice(rows.length - limit);
  return {shown, cut: {limited: true, total: rows.length}};
}

/** Prints a notice that nothing was found, but only if every gate answered. */
async function noticeNothing(context: CommandContext, outcomes: readonly GateOutcome[]): Promise<void> {
  if (outcomes.some(({status}) => status !== 'ok')) return;
  const isIn = outcomes.some(({isStore}) => isStore === true) ? 'in' : 'on';
  await notice(context, `nothing found ${isIn} ${nodeCountText(outcomes)}`);
}

/** Writes gathered rows, then reports each gate's outcome. `about` is added to machine-readable documents. */
export async function showGathered<Row>(
  context: CommandContext,
  presenter: Presenter<Row>,
  gathered: Pick<Gathered<unknown>, 'outcomes'>,
  rows: readonly Row[],
  about: DocumentTail = {},
  {quietWhenEmpty = false}: {readonly quietWhenEmpty?: boolean} = {},
): Promise<ExitCode> {
  const {shown, cut} = cutToLimit(context, rows);
  await write(context, presenter, shown, () => ({...cut, ...about, ...completenessJson(gathered.outcomes)}));
  await noticeLimitReached(context, shown.length, cut);
  if (rows.length === 0 && !quietWhenEmpty) await noticeNothing(context, gathered.outcomes);
  return reportPartialResult(context, gathered.outcomes);
}

/** Writes rows that do not come from gates. */
export async function showRows<Row>(
  context: CommandContext,
  presenter: Presenter<Row>,
  rows: readonly Row[],
  about: DocumentTail = {},
  keep: 'first' | 'last' = 'first',
): Promise<ExitCode> {
  const {shown, cut} = cutToLimit(context, rows, keep);
  await write(context, presenter, shown, () => ({...cut, ...about, complete: true}));
  await noticeLimitReached(context, shown.length, cut);
  return ExitCode.done;
}

/** Streams rows while the work that produces them runs. Returns the number of rows. */
export function streamRows<Row>(
  context: CommandContext,
  presenter: Presenter<Row>,
  rows: AsyncIterable<Row>,
  tail: () => DocumentTail,
): Promise<number> {
  return write(context, presenter, rows, tail);
}

/** Streams rows up to the limit, but reads and counts all of them. */
export async function streamLimitedRows<Row>(
  context: CommandContext,
  presenter: Presenter<Row>,
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
  const cut = (): DocumentTail => ({limited: total > limit, total});
  const count = await write(context, presenter, shown(), () => ({...cut(), ...tail()}));
  await noticeLimitReached(context, count, cut());
}

/** Writes one item: as fields in table formats, as one line in tsv, csv, ids and jsonl, as one document in json and yaml. */
export async function showItem(context: CommandContext, {id, fields, record}: ItemFields): Promise<ExitCode> {
  const {out} = context.io;
  const {format} = context.outputOptions;
  if (format === 'json' || format === 'yaml') await writeObject(out, record, format);
  else if (format === 'table' || format === 'wide') await writeFields(out, fields);
  else
    await write(
      context,
      {...fieldPresenter(fields), record: () => record, id: () => id},
      [fields],
      () => ({}),
    );
  return ExitCode.done;
}

/** Writes one value. In json, jsonl and yaml, writes `record` instead. */
export async function showValue(
  context: CommandContext,
  value: string,
  record: DocumentTail,
): Promise<ExitCode> {
  const {format} = context.outputOptions;
  if (format === 'json' || format === 'jsonl' || format === 'yaml')
    return showItem(context, {id: '', fields: [], record});
  await context.io.out.write(`${safeText(value)}\n`);
  return ExitCode.done;
}

/** Flattens the rows of all gates, and adds the gate to each row. */
export function toLocatedRows(gathered: Gathered<readonly RowWithSource[]>): readonly LocatedRow[] {
  return [...gathered.results].flatMap(([node, rows]) => rows.map((row) => ({...row, node})));
}

function fieldPresenter(fields: ItemFields['fields']) {
  return {
    columns: fields.map(([header], at) => ({
      header,
      cell: (row: ItemFields['fields']) => row[at]?.[1] ?? '',
    })),
  };
}

async function write<Row>(
  context: CommandContext,
  presenter: Presenter<Row>,
  rows: AsyncIterable<Row> | Iterable<Row>,
  tail: BuildDocumentTail,
): Promise<number> {
  const {out} = context.io;
  let narrow: string | undefined;
  const count = await writeRows(out, context.outputOptions.format, presenter, rows, tail, {
    columns: out.isTerminal ? out.columns : undefined,
    header: context.io.color.out ? paint.bold : undefined,
    tsvHeader: context.outputOptions.header,
    onNarrow: (note) => {
      narrow = note;
    },
  });
  if (narrow !== undefined) await notice(context, narrow);
  return count;
}
