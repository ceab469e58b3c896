import type {EncodedBatch} from '../../session/fast/batch.js';
import type {RowCursor} from '../../session/fast/row-cursor.js';
import type {ByteText} from '../fast/byte-text.js';

/** Writes a cell, record or id of an encoded row, with the same result as for the decoded row. */
export type RowByteWriter = (row: RowCursor, out: ByteText) => void;

/** Returns a writer for the encoded rows of one batch; undefined if the batch must be decoded. */
export type BatchByteWriter = (batch: EncodedBatch) => RowByteWriter | undefined;

/** One column of a table. */
export interface Column<Row> {
  readonly header: string;
  /** Returns raw text; writers escape it. */
  readonly cell: (row: Row) => string;
  /** Writes the escaped cell of encoded rows. */
  readonly bytes?: BatchByteWriter | undefined;
  readonly align?: 'left' | 'right';
  /**
   * What a terminal too narrow for the table does to the column. `whole`: ids and numbers are never cut. `wrap`: text
   * continues on the next line. Otherwise the cell is cut, to no fewer columns than the number (6).
   */
  readonly fit?: 'whole' | 'wrap' | number;
  /** Order in which a terminal that is still too narrow leaves columns out, from 1; without it, never. */
  readonly dropOrder?: number;
  /** Only in the wide format. */
  readonly wide?: boolean;
  /** Shows a wide column in a table too when it holds for one of the first rows. */
  readonly shownFor?: (row: Row) => boolean;
}

/** How a noun looks in tables and documents. */
export interface Presenter<Row> {
  readonly columns: readonly Column<Row>[];
  /** Returns the row for machine-readable formats. Documented; members are only ever added. */
  readonly record: (row: Row) => unknown;
  /** Writes `record` as JSON like `safeJson`, where that is faster. */
  readonly recordText?: ((row: Row) => string) | undefined;
  readonly id: (row: Row) => string;
  /** Write `record` as JSON, and `id`, of encoded rows, both escaped. */
  readonly recordBytes?: BatchByteWriter | undefined;
  readonly idBytes?: BatchByteWriter | undefined;
}

export const formats = ['table', 'tsv', 'wide', 'json', 'jsonl', 'csv', 'yaml', 'ids'] as const;
export type Format = (typeof formats)[number];

/** Members after the rows of a document: `complete`, outcomes of gates, totals. */
export type DocumentTail = Readonly<Record<string, unknown>>;

/** Returns the tail for a number of rows; called after the last row. */
export type MakeTail = (count: number) => DocumentTail | Promise<DocumentTail>;

/** Version of machine-readable documents. */
export const documentVersion = 1;

/** One object, shown field by field. */
export interface Fields {
  /** Printed by the `ids` format. */
  readonly id: string;
  readonly fields: readonly (readonly [name: string, text: string])[];
  /** The JSON document; new versions only add members. */
  readonly record: Readonly<Record<string, unknown>>;
}
