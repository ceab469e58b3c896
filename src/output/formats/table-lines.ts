import {truncate} from '../terminal/width.js';
import {safeText} from '../text/safe-text.js';
import type {Column} from './presenter.js';

/** Between two columns. */
export const columnGap = '  ';

export interface ColumnLayout {
  readonly widths: readonly number[];
  readonly right: readonly boolean[];
  readonly measure: (text: string) => number;
  readonly header: (text: string) => string;
  /** Index of the header row; -1 without one. */
  readonly headerAt: number;
}

export function rowCells<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[][] {
  return rows.map((row) => columns.map((column) => safeText(column.cell(row))));
}

function padded(text: string, index: number, layout: ColumnLayout, last: boolean): string {
  const width = layout.widths[index] ?? 0;
  const cut = truncate(text, width, layout.measure);
  const space = ' '.repeat(Math.max(0, width - layout.measure(cut)));
  if (layout.right[index] === true) return space + cut;
  return last ? cut : cut + space;
}

/** Formats rows in one pass and linear time. */
export function formatRows(rows: readonly (readonly string[])[], layout: ColumnLayout): string {
  let text = '';
  for (const [at, row] of rows.entries()) {
    const line = row
      .map((cell, index) => padded(cell, index, layout, index === row.length - 1))
      .join(columnGap);
    text += `${at === layout.headerAt ? layout.header(line) : line}\n`;
  }
  return text;
}
