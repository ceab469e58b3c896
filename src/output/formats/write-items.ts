import {batchesOfRows, type RowBatch} from '../../session/fast/row-batch.js';
import {RowCursor} from '../../session/fast/row-cursor.js';
import {ByteTextBuilder, PlainAsciiText, writeChunkBytes} from '../fast/byte-text-builder.js';
import type {TextSink} from '../terminal/io.js';
import type {BatchByteWriter, Column, RowByteWriter} from './presenter.js';

/** Writes a row: `text` from the decoded row, `bytes` directly from the encoded row. Both produce the same output. */
export interface RowWriter<Row> {
  readonly text: (row: Row) => string;
  readonly bytes?: BatchByteWriter | undefined;
}

/** Text around each item. */
interface ItemEnvelope {
  readonly before: string;
  /** Text before the first item; `before` by default. */
  readonly first?: string;
  readonly after: string;
}

/** Streams rows. Returns the number of rows. */
export async function writeRowsAs<Row>(
  out: TextSink,
  rows: AsyncIterable<Row> | Iterable<Row>,
  form: RowWriter<Row>,
  around: ItemEnvelope,
): Promise<number> {
  const {before, first = before, after} = around;
  const byteItems = new ByteItems(around);
  let count = 0;
  let piece = '';
  for await (const batch of batchesOfRows(rows)) {
    if (batch.count === 0) continue;
    const bytes = byteItems.of(batch, form, count === 0);
    if (bytes !== undefined) {
      await out.write(piece);
      piece = '';
      await out.writeBytes(bytes);
      count += batch.count;
      continue;
    }
    for (const row of batch.rows) {
      piece += `${count === 0 ? first : before}${form.text(row)}${after}`;
      count += 1;
      if (piece.length < writeChunkBytes) continue;
      await out.write(piece);
      piece = '';
    }
  }
  await out.write(piece);
  return count;
}

/** Writes the rows of encoded batches to a reused buffer. */
class ByteItems {
  private readonly text = new ByteTextBuilder(0);
  private readonly before: PlainAsciiText;
  private readonly first: PlainAsciiText;
  private readonly after: PlainAsciiText;

  constructor({before, first = before, after}: ItemEnvelope) {
    this.before = new PlainAsciiText(before);
    this.first = new PlainAsciiText(first);
    this.after = new PlainAsciiText(after);
  }

  /** Returns the output for a batch; undefined if the batch must be decoded. */
  of<Row>({encoded}: RowBatch<Row>, form: RowWriter<Row>, isFirst: boolean): Buffer | undefined {
    const item = encoded && form.bytes?.(encoded);
    if (encoded === undefined || item === undefined) return undefined;
    const text = this.text.reset();
    const cursor = new RowCursor(encoded.rows);
    for (let index = 0; index < encoded.rows.count; index += 1) {
      text.raw(isFirst && index === 0 ? this.first : this.before);
      item(cursor.seek(index).open(), text);
      text.raw(this.after);
    }
    return text.view();
  }
}

/** Returns the byte writers of all columns; undefined if any column has none for this batch. */
export function columnByteWriters<Row>(
  columns: readonly Column<Row>[],
  batch: Parameters<BatchByteWriter>[0],
): readonly RowByteWriter[] | undefined {
  const all: RowByteWriter[] = [];
  for (const column of columns) {
    const one = column.bytes?.(batch);
    if (one === undefined) return undefined;
    all.push(one);
  }
  return all;
}
