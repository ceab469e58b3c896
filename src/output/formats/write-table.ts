import {batchesOfRows, type RowBatch} from '../../session/fast/row-batch.js';
import {TableByteFormatter} from '../fast/table-byte-formatter.js';
import type {TextSink} from '../terminal/io.js';
import {asciiWidth, loadWidthMeasure, truncateToWidth} from '../terminal/text-width.js';
import {safeText} from '../text/safe-text.js';
import {cellFit, columnGap, type FittedColumns, fitColumns} from './fit-columns.js';
import {type ColumnLayout, formatRowCells, formatTableRows} from './format-table-rows.js';
import type {Column} from './presenter.js';

/**
 * Maximum number of rows formatted with cli-table3, if they are plain ASCII. It takes quadratic time and measures wide
 * characters differently, so `formatTableRows` formats all other tables. Both produce the same bytes for a small ASCII table.
 */
const smallTable = 500;

export interface TableStyle {
  /** Terminal width to fit lines to; undefined for unlimited. */
  readonly columns?: number | undefined;
  /** Colours the header. */
  readonly header?: ((text: string) => string) | undefined;
  /** Whether tsv output starts with a header. */
  readonly tsvHeader?: boolean | undefined;
  /** Called with a notice if the terminal is too narrow for all columns. */
  readonly onNarrow?: ((note: string) => void) | undefined;
}

/** Writes a borderless table. Returns the number of rows. Buffers only the first rows, which determine the column widths. */
export async function writeTable<Row>(
  out: TextSink,
  columns: readonly Column<Row>[],
  rows: AsyncIterable<Row> | Iterable<Row>,
  style: TableStyle = {},
): Promise<number> {
  const iterator = batchesOfRows(rows)[Symbol.asyncIterator]();
  const {sample, rest} = await sampleOf(iterator);
  const wanted = columns.filter(({shownFor}) => shownFor === undefined || sample.some(shownFor));
  const {shown, cells, layout} = await layoutOf(wanted, sample, style);
  if (sample.length <= smallTable && layout.measure === asciiWidth && !overflows(cells, layout)) {
    await out.write(await formatWithCliTable3(cells, layout));
    return sample.length;
  }
  await out.write(formatTableRows(cells, layout));
  let count = sample.length;
  const lines = new TableByteFormatter(shown, layout);
  for (let batch = rest; batch !== undefined; batch = (await iterator.next()).value ?? undefined) {
    const bytes = await lines.of(batch);
    if (bytes !== undefined) await out.writeBytes(bytes);
    else {
      const more = formatRowCells(shown, batch.rows);
      await out.write(
        formatTableRows(more, {...layout, measure: await loadWidthMeasure(more.flat()), headerAt: -1}),
      );
    }
    count += batch.count;
  }
  return count;
}

interface Sample<Row> {
  readonly sample: readonly Row[];
  /** Remaining rows of the last batch read. */
  readonly rest: RowBatch<Row> | undefined;
}

/** Reads the first rows, which determine the column widths. */
async function sampleOf<Row>(batches: AsyncIterator<RowBatch<Row>>): Promise<Sample<Row>> {
  const sample: Row[] = [];
  for (;;) {
    const {value: batch} = await batches.next();
    if (batch === undefined) return {sample, rest: undefined};
    const wanted = smallTable + 1 - sample.length;
    sample.push(...(batch as RowBatch<Row>).slice(0, wanted).rows);
    if (batch.count >= wanted) return {sample, rest: batch.slice(wanted)};
  }
}

interface TableLayout<Row> {
  readonly shown: readonly Column<Row>[];
  /** Cells of the header and of the first rows. */
  readonly cells: readonly (readonly string[])[];
  readonly layout: ColumnLayout;
}

/** Computes columns and widths from the first rows. If there is no terminal width to fit, no cell is cut. */
async function layoutOf<Row>(
  columns: readonly Column<Row>[],
  sample: readonly Row[],
  {columns: terminal, header = (text) => text, onNarrow}: TableStyle,
): Promise<TableLayout<Row>> {
  const cells = [columns.map((column) => safeText(column.header)), ...formatRowCells(columns, sample)];
  const measure = await loadWidthMeasure(cells.flat());
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => measure(row[index] ?? ''))));
  const fitted =
    terminal === undefined ? {columns, widths, dropped: [], cut: []} : fitColumns(columns, widths, terminal);
  const note = narrowNote(fitted);
  if (note !== '') onNarrow?.(note);
  const kept = columns.map((column) => fitted.columns.includes(column));
  return {
    shown: fitted.columns,
    cells: fitted.dropped.length === 0 ? cells : cells.map((row) => row.filter((_, at) => kept[at])),
    layout: {
      widths: fitted.widths,
      right: fitted.columns.map((column) => column.align === 'right'),
      fit: fitted.columns.map((column) => (terminal === undefined ? 'whole' : cellFit(column))),
      measure,
      header,
      headerAt: 0,
    },
  };
}

function narrowNote({dropped, cut}: Pick<FittedColumns<never>, 'dropped' | 'cut'>): string {
  const parts = [
    ...(dropped.length === 0 ? [] : [`left out ${dropped.join(', ')}`]),
    ...(cut.length === 0 ? [] : [`cut ${cut.join(', ')}`]),
  ];
  return parts.length === 0 ? '' : `narrow terminal: ${parts.join('; ')}; to show all: -o wide`;
}

/** Whether any cell is wider than its column but must not be cut. */
const overflows = (cells: readonly (readonly string[])[], {fit, widths, measure}: ColumnLayout): boolean =>
  cells.some((row) => row.some((cell, at) => fit[at] !== 'cut' && measure(cell) > (widths[at] ?? 0)));

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: columnGap,
};

/** Formats rows with cli-table3. */
export async function formatWithCliTable3(
  rows: readonly (readonly string[])[],
  layout: ColumnLayout,
): Promise<string> {
  const {default: Table} = await import('cli-table3');
  const table = new Table({
    chars: borderless,
    style: {'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true},
    colAligns: layout.right.map((right) => (right ? 'right' : 'left')),
    colWidths: [...layout.widths],
  });
  for (const row of rows)
    table.push(row.map((cell, index) => truncateToWidth(cell, layout.widths[index] ?? 0, layout.measure)));
  const lines = table.toString().split('\n');
  const rightmost = layout.right.at(-1) === true;
  const trimmed = lines.map((line) => (rightmost ? line : line.trimEnd()));
  return `${trimmed.map((line, at) => (at === layout.headerAt ? layout.header(line) : line)).join('\n')}\n`;
}
