import {type Batch, batchesOf} from '../../session/fast/batch.js';
import {ByteTableLines} from '../fast/byte-lines.js';
import type {TextSink} from '../terminal/io.js';
import {asciiWidth, truncate, widthMeasure} from '../terminal/width.js';
import {safeText} from '../text/safe-text.js';
import type {Column} from './presenter.js';
import {type ColumnLayout, columnGap, formatRows, rowCells} from './table-lines.js';

/**
 * Largest number of rows that cli-table3 formats, if they are plain ASCII. It takes quadratic time and measures wide
 * characters differently, so `formatRows` writes the rest. Both produce the same bytes for a small ASCII table.
 */
const smallTable = 500;

export interface TableStyle {
  /** Terminal width to fit lines to; undefined cuts nothing. */
  readonly columns?: number | undefined;
  /** Colours the header. */
  readonly header?: ((text: string) => string) | undefined;
}

/** Writes a borderless table and resolves with the number of rows. Buffers only the sample that decides column widths. */
export async function writeTable<Row>(
  out: TextSink,
  columns: readonly Column<Row>[],
  rows: AsyncIterable<Row> | Iterable<Row>,
  style: TableStyle = {},
): Promise<number> {
  const iterator = batchesOf(rows)[Symbol.asyncIterator]();
  const {sample, rest} = await sampleOf(iterator);
  const cells = [columns.map((column) => safeText(column.header)), ...rowCells(columns, sample)];
  const layout = await layoutOf(columns, cells, style);
  if (sample.length <= smallTable && layout.measure === asciiWidth) {
    await out.write(await cliTable3Text(cells, layout));
    return sample.length;
  }
  await out.write(formatRows(cells, layout));
  let count = sample.length;
  const lines = new ByteTableLines(columns, layout);
  for (let batch = rest; batch !== undefined; batch = (await iterator.next()).value ?? undefined) {
    const bytes = await lines.of(batch);
    if (bytes !== undefined) await out.writeBytes(bytes);
    else {
      const more = rowCells(columns, batch.rows);
      await out.write(formatRows(more, {...layout, measure: await widthMeasure(more.flat()), headerAt: -1}));
    }
    count += batch.count;
  }
  return count;
}

interface Sample<Row> {
  readonly sample: readonly Row[];
  /** The remaining rows of the last batch. */
  readonly rest: Batch<Row> | undefined;
}

/** Reads the first rows, which decide the column widths. */
async function sampleOf<Row>(batches: AsyncIterator<Batch<Row>>): Promise<Sample<Row>> {
  const sample: Row[] = [];
  for (;;) {
    const {value: batch} = await batches.next();
    if (batch === undefined) return {sample, rest: undefined};
    const wanted = smallTable + 1 - sample.length;
    sample.push(...(batch as Batch<Row>).slice(0, wanted).rows);
    if (batch.count >= wanted) return {sample, rest: batch.slice(wanted)};
  }
}

/** Computes column widths from the sample. */
async function layoutOf<Row>(
  columns: readonly Column<Row>[],
  cells: readonly (readonly string[])[],
  style: TableStyle,
): Promise<ColumnLayout> {
  const measure = await widthMeasure(cells.flat());
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => measure(row[index] ?? ''))));
  return {
    widths: style.columns === undefined ? widths : fitted(widths, style.columns),
    right: columns.map((column) => column.align === 'right'),
    measure,
    header: style.header ?? ((text) => text),
    headerAt: 0,
  };
}

/** Narrows the widest column repeatedly until the line fits; no column gets narrower than six. */
function fitted(widths: readonly number[], columns: number): number[] {
  const fitting = [...widths];
  let excess = fitting.reduce((sum, width) => sum + width, columnGap.length * (fitting.length - 1)) - columns;
  while (excess > 0) {
    const widest = fitting.indexOf(Math.max(...fitting));
    const width = fitting[widest] ?? 0;
    if (width <= 6) break;
    fitting[widest] = width - 1;
    excess -= 1;
  }
  return fitting;
}

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
export async function cliTable3Text(
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
    table.push(row.map((cell, index) => truncate(cell, layout.widths[index] ?? 0, layout.measure)));
  const lines = table.toString().split('\n');
  const rightmost = layout.right.at(-1) === true;
  const trimmed = lines.map((line) => (rightmost ? line : line.trimEnd()));
  return `${trimmed.map((line, at) => (at === layout.headerAt ? layout.header(line) : line)).join('\n')}\n`;
}
