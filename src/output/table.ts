import type {TextSink} from './io.js';
import {safeText} from './safe-text.js';
import type {Column} from './sheet.js';
import {measureFor, plainWidth, truncate} from './width.js';

/**
 * Up to so many rows of plain ASCII cli-table3 writes. It is quadratic in rows, and measures wide characters by tables
 * of its own; the rest is for our writer. Where both may write they give the same bytes.
 */
const smallTable = 500;
const gap = '  ';

export interface TableStyle {
  /** Columns of the terminal, to cut lines to; undefined cuts nothing. */
  readonly columns?: number | undefined;
  /** Wraps the header in our own colour. */
  readonly header?: ((text: string) => string) | undefined;
}

/** Writes rows under a header, borderless; resolves with the number of rows. Memory holds `sample` rows at a time. */
export async function writeTable<Row>(
  out: TextSink,
  columns: readonly Column<Row>[],
  rows: AsyncIterable<Row> | Iterable<Row>,
  style: TableStyle = {},
): Promise<number> {
  const iterator = batches(rows, smallTable + 1);
  const first = (await iterator.next()).value ?? [];
  const cells = [columns.map((column) => safeText(column.header)), ...cellsOf(columns, first)];
  const layout = await layoutOf(columns, cells, style);
  if (first.length <= smallTable && layout.measure === plainWidth) {
    await out.write(await smallTableText(cells, layout));
    return first.length;
  }
  await out.write(linesOf(cells, layout));
  let count = first.length;
  for await (const batch of iterator) {
    const more = cellsOf(columns, batch);
    await out.write(linesOf(more, {...layout, measure: await measureFor(more.flat()), headerAt: -1}));
    count += batch.length;
  }
  return count;
}

async function* batches<Row>(
  rows: AsyncIterable<Row> | Iterable<Row>,
  size: number,
): AsyncGenerator<Row[], undefined> {
  let batch: Row[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
  return undefined;
}

function cellsOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[][] {
  return rows.map((row) => columns.map((column) => safeText(column.cell(row))));
}

interface Layout {
  readonly widths: readonly number[];
  readonly right: readonly boolean[];
  readonly measure: (text: string) => number;
  readonly header: (text: string) => string;
  /** Index of the header among the rows to lay out; -1 for none. */
  readonly headerAt: number;
}

/** Widths come from the first rows: later ones may stick out, but are never cut for it. */
async function layoutOf<Row>(
  columns: readonly Column<Row>[],
  cells: readonly (readonly string[])[],
  style: TableStyle,
): Promise<Layout> {
  const measure = await measureFor(cells.flat());
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => measure(row[index] ?? ''))));
  return {
    widths: style.columns === undefined ? widths : fitted(widths, style.columns),
    right: columns.map((column) => column.align === 'right'),
    measure,
    header: style.header ?? ((text) => text),
    headerAt: 0,
  };
}

/** Takes from the widest column first until the line fits; no column goes below six. */
function fitted(widths: readonly number[], columns: number): number[] {
  const fitting = [...widths];
  let excess = fitting.reduce((sum, width) => sum + width, gap.length * (fitting.length - 1)) - columns;
  while (excess > 0) {
    const widest = fitting.indexOf(Math.max(...fitting));
    const width = fitting[widest] ?? 0;
    if (width <= 6) break;
    fitting[widest] = width - 1;
    excess -= 1;
  }
  return fitting;
}

function padded(text: string, index: number, layout: Layout, last: boolean): string {
  const width = layout.widths[index] ?? 0;
  const cut = truncate(text, width, layout.measure);
  const space = ' '.repeat(Math.max(0, width - layout.measure(cut)));
  if (layout.right[index] === true) return space + cut;
  return last ? cut : cut + space;
}

/** Our own writer: one pass, linear. */
export function linesOf(rows: readonly (readonly string[])[], layout: Layout): string {
  let text = '';
  for (const [at, row] of rows.entries()) {
    const line = row.map((cell, index) => padded(cell, index, layout, index === row.length - 1)).join(gap);
    text += `${at === layout.headerAt ? layout.header(line) : line}\n`;
  }
  return text;
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
  middle: gap,
};

/** The same by cli-table3. */
export async function smallTableText(rows: readonly (readonly string[])[], layout: Layout): Promise<string> {
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
