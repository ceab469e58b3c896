import type {RowBatch} from '../../session/fast/row-batch.js';
import {RowCursor} from '../../session/fast/row-cursor.js';
import {columnGap} from '../formats/fit-columns.js';
import {type ColumnLayout, formatRowCells, formatTableRows} from '../formats/format-table-rows.js';
import type {Column} from '../formats/presenter.js';
import {columnByteWriters} from '../formats/write-items.js';
import {loadWidthMeasure} from '../terminal/text-width.js';
import {ByteTextBuilder} from './byte-text-builder.js';

const newline = 0x0a;

/** Writes table lines from encoded rows, with the same result as `formatTableRows` for the decoded rows. */
export class TableByteFormatter<Row> {
  private readonly text = new ByteTextBuilder(0);
  private measure: ((text: string) => number) | undefined;

  constructor(
    private readonly columns: readonly Column<Row>[],
    private readonly layout: ColumnLayout,
  ) {}

  /** Returns the lines of a batch; undefined if its rows must be decoded. */
  async of(batch: RowBatch<Row>): Promise<Buffer | undefined> {
    const {encoded} = batch;
    const cells = encoded && columnByteWriters(this.columns, encoded);
    if (encoded === undefined || cells === undefined || this.layout.fit.includes('wrap')) return undefined;
    const text = this.text.reset();
    const cursor = new RowCursor(encoded.rows);
    const last = cells.length - 1;
    for (let index = 0; index < encoded.rows.count; index += 1) {
      const row = cursor.seek(index).open();
      const lineStart = text.size;
      text.surplus = 0;
      for (let at = 0; at <= last; at += 1) {
        const start = text.size;
        const surplus = text.surplus;
        cells[at]?.(row, text);
        this.fit(at, start, text.size - start - (text.surplus - surplus), at === last);
        if (at < last) text.spaces(columnGap.length);
      }
      if (text.isOdd) await this.oddLine(batch.slice(index, index + 1), lineStart);
      else text.byte(newline);
    }
    return text.view();
  }

  /** Rewrites a line with `formatTableRows` if a cell has characters that do not take one terminal column per byte. */
  private async oddLine({rows}: RowBatch<Row>, lineStart: number): Promise<void> {
    this.measure ??= await loadWidthMeasure(['\u2026']); // any non-ASCII character selects the full measure
    const {columns, layout, measure, text} = this;
    text.size = lineStart;
    text.isOdd = false;
    text.string(formatTableRows(formatRowCells(columns, rows), {...layout, measure, headerAt: -1}));
  }

  /** Fits the last written cell, which starts at `start` and takes `columns` terminal columns. */
  private fit(column: number, start: number, columns: number, isLast: boolean): void {
    const {text} = this;
    const width = this.layout.widths[column] ?? 0;
    if (columns > width) {
      if (this.layout.fit[column] !== 'cut') return;
      text.isOdd ||= text.size - start > columns; // an ideograph must not be cut between its bytes
      text.size = start + Math.max(0, width - 1);
      text.string('…');
    } else if (this.layout.right[column] === true) text.indent(start, width - columns);
    else if (!isLast) text.spaces(width - columns);
  }
}
