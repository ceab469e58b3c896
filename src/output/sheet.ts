/** One column of a noun. */
export interface Column<Row> {
  readonly header: string;
  /** Raw text: writers make it safe. */
  readonly cell: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** Only in the wide format. */
  readonly wide?: boolean;
}

/** What a noun looks like; a writer knows for whom. */
export interface Sheet<Row> {
  readonly columns: readonly Column<Row>[];
  /** The row for machines: part of docs/output.md, changed by addition only. */
  readonly record: (row: Row) => unknown;
  readonly id: (row: Row) => string;
}

export const formats = ['table', 'tsv', 'wide', 'json', 'jsonl', 'csv', 'yaml', 'ids'] as const;
export type Format = (typeof formats)[number];

/** What follows the rows for machines: `complete`, the gates' outcomes, totals. */
export type Tail = Readonly<Record<string, unknown>>;

/** Of every machine-readable document. */
export const documentVersion = 1;
