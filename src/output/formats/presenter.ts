import type {EncodedBatch} from '../../session/fast/batch.js';
import type {RowCursor} from '../../session/fast/row-cursor.js';
import type {ByteText} from '../fast/byte-text.js';

/** Writes something of a row that lies in bytes, the same as for the row that is built from them. */
export type RowByteWriter = (row: RowCursor, out: ByteText) => void;

/** How rows of one batch are written from bytes; undefined when this batch must be built. */
export type BatchByteWriter = (batch: EncodedBatch) => RowByteWriter | undefined;

/** One column of a noun. */
export interface Column<Row> {
  readonly header: string;
  /** Raw text: writers make it safe. */
  readonly cell: (row: Row) => string;
  /** The cell, made safe, of rows in bytes. */
  readonly bytes?: BatchByteWriter | undefined;
  readonly align?: 'left' | 'right';
  /** Only in the wide format. */
  readonly wide?: boolean;
}

/** What a noun looks like; a writer knows for whom. */
export interface Presenter<Row> {
  readonly columns: readonly Column<Row>[];
  /** The row for machines: part of docs/reference/output.md, changed by addition only. */
  readonly record: (row: Row) => unknown;
  readonly id: (row: Row) => string;
  /** `record` as JSON, and `id`, both made safe, of rows in bytes. */
  readonly recordBytes?: BatchByteWriter | undefined;
  readonly idBytes?: BatchByteWriter | undefined;
}

export const formats = ['table', 'tsv', 'wide', 'json', 'jsonl', 'csv', 'yaml', 'ids'] as const;
export type Format = (typeof formats)[number];

/** What follows the rows for machines: `complete`, the gates' outcomes, totals. */
export type DocumentTail = Readonly<Record<string, unknown>>;

/** The tail of so many rows; asked once they have ended. */
export type MakeTail = (count: number) => DocumentTail | Promise<DocumentTail>;

/** Of every machine-readable document. */
export const documentVersion = 1;
