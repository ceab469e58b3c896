import {safeText} from './safe-text.js';
import type {Column} from './sheet.js';
import {truncate} from './width.js';

/** Between two columns. */
export const gap = '  ';

export interface Layout {
  readonly widths: readonly number[];
  readonly right: readonly boolean[];
  readonly measure: (text: string) => number;
  readonly header: (text: string) => string;
  /** Index of the header among the rows to lay out; -1 for none. */
  readonly headerAt: number;
}

export function cellsOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[][] {
  return rows.map((row) => columns.map((column) => safeText(column.cell(row))));
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
