import {truncateToWidth, wrapWords} from '../terminal/text-width.js';
import {safeText} from '../text/safe-text.js';
import {type CellFit, columnGap} from './fit-columns.js';
import type {Column} from './presenter.js';

export interface ColumnLayout {
  readonly widths: readonly number[];
  readonly right: readonly boolean[];
  readonly fit: readonly CellFit[];
  readonly measure: (text: string) => number;
  readonly header: (text: string) => string;
  /** Index of the header row; -1 if there is none. */
  readonly headerAt: number;
}

export function formatRowCells<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[][] {
  return rows.map((row) => columns.map((column) => safeText(column.cell(row))));
}

function padded(text: string, index: number, layout: ColumnLayout, last: boolean): string {
  const width = layout.widths[index] ?? 0;
  const shown = layout.fit[index] === 'cut' ? truncateToWidth(text, width, layout.measure) : text;
  const space = ' '.repeat(Math.max(0, width - layout.measure(shown)));
  if (layout.right[index] === true) return space + shown;
  return last ? shown : shown + space;
}

/** Formats rows as lines, in linear time. */
export function formatTableRows(rows: readonly (readonly string[])[], layout: ColumnLayout): string {
  const wraps = layout.fit.includes('wrap');
  let text = '';
  for (const [at, row] of rows.entries()) {
    for (const cells of wraps ? wrapped(row, layout) : [row]) {
      const line = cells
        .map((cell, index) => padded(cell, index, layout, index === cells.length - 1))
        .join(columnGap);
      const trimmed = wraps ? line.trimEnd() : line;
      text += `${at === layout.headerAt ? layout.header(trimmed) : trimmed}\n`;
    }
  }
  return text;
}

/** Returns the lines of a row. A cell that is not wrapped appears on the first line only. */
function wrapped(row: readonly string[], {fit, widths, measure}: ColumnLayout): readonly string[][] {
  const cells = row.map((cell, index) =>
    fit[index] === 'wrap' ? wrapWords(cell, widths[index] ?? 0, measure) : [cell],
  );
  const height = Math.max(...cells.map(({length}) => length));
  return Array.from({length: height}, (_, line) => cells.map((lines) => lines[line] ?? ''));
}
