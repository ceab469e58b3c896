import type {EncodedRowBatch} from '../../session/fast/row-batch.js';
import type {RowCursor} from '../../session/fast/row-cursor.js';
import type {ByteTextBuilder} from '../fast/byte-text-builder.js';

/** Writes a cell, record or id of an encoded row, with the same result as for the decoded row. */
export type RowByteWriter = (row: RowCursor, out: ByteTextBuilder) => void;

/** Returns a writer for the encoded rows of a batch; undefined if the batch must be decoded. */
export type BatchByteWriter = (batch: EncodedRowBatch) => RowByteWriter | undefined;

/** One column of a table. */
export interface Column<Row> {
  readonly header: string;
  /** Path of the column's member in `record`. Default: the header in lower case. */
  readonly member?: readonly string[];
  /** Returns the unescaped text; the output formats escape it. */
  readonly cell: (row: Row) => string;
  /** Writes the escaped cell of an encoded row. */
  readonly bytes?: BatchByteWriter | undefined;
  readonly align?: 'left' | 'right';
  /**
   * What happens if the terminal is too narrow for the table. `whole`: the column (ids, numbers) is never cut. `wrap`: its text
   * continues on the next line. Otherwise its cells are cut, down to this number of terminal columns (6).
   */
  readonly fit?: 'whole' | 'wrap' | number;
  /** Order in which columns are left out if the terminal is still too narrow, starting at 1; undefined for never. */
  readonly dropOrder?: number;
  /** Whether the column is shown only in the wide format. */
  readonly wide?: boolean;
  /** Also shows a wide column in the table format, if this returns true for any of the first rows. */
  readonly shownFor?: (row: Row) => boolean;
}

/** How a noun looks in tables and documents. */
export interface Presenter<Row> {
  readonly columns: readonly Column<Row>[];
  /** Returns the row for machine-readable formats. The members are documented; new versions only add some. */
  readonly record: (row: Row) => unknown;
  /** Returns `record` as JSON, like `safeJson` but faster. */
  readonly recordText?: ((row: Row) => string) | undefined;
  readonly id: (row: Row) => string;
  /** Write an encoded row's `record` as JSON, and its `id`; both escaped. */
  readonly recordBytes?: BatchByteWriter | undefined;
  readonly idBytes?: BatchByteWriter | undefined;
}

export const outputFormats = ['table', 'tsv', 'wide', 'json', 'jsonl', 'csv', 'yaml', 'ids'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** Members that follow the rows of a document, such as `complete`, gate outcomes and totals. */
export type DocumentTail = Readonly<Record<string, unknown>>;

/** Returns the tail for a number of rows. Called after the last row. */
export type BuildDocumentTail = (count: number) => DocumentTail | Promise<DocumentTail>;

/** Version of machine-readable documents. */
export const documentVersion = 1;

/** A single object, shown field by field. */
export interface ItemFields {
  /** Printed by the `ids` format. */
  readonly id: string;
  readonly fields: readonly (readonly [name: string, text: string])[];
  /** JSON document. New versions only add members. */
  readonly record: Readonly<Record<string, unknown>>;
}
