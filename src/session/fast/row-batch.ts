import type {EncodedRows} from './validate-page.js';

/** Encoded rows of one gate. */
export interface EncodedRowBatch {
  readonly rows: EncodedRows;
  /** Node id of the gate. */
  readonly node: string;
  /** Time of the rows by the gate's clock; undefined if the gate doesn't report it. */
  readonly observedAt: number | undefined;
}

/** Rows that arrived together. */
export interface RowBatch<Row> {
  readonly count: number;
  /** Decoded on first access. */
  readonly rows: readonly Row[];
  /** The same rows in encoded form, if available. Reading these avoids decoding `rows`. */
  readonly encoded?: EncodedRowBatch | undefined;
  slice(from: number, to?: number): RowBatch<Row>;
}

/**
 * Iterates over rows one by one, or over the batches in which they arrived. Can be iterated only once, in one of
 * these ways.
 */
export class BatchedRows<Row> implements AsyncIterable<Row> {
  constructor(readonly batches: AsyncIterable<RowBatch<Row>>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    for await (const {rows} of this.batches) for (const row of rows) yield row;
  }
}

/** A batch of decoded rows. */
export class DecodedRowBatch<Row> implements RowBatch<Row> {
  constructor(readonly rows: readonly Row[]) {}

  get count(): number {
    return this.rows.length;
  }

  slice(from: number, to?: number): RowBatch<Row> {
    return new DecodedRowBatch(this.rows.slice(from, to));
  }
}

/** Maximum size of a batch that is collected from single rows. */
const maxCollected = 256;

/** Returns rows from any source in batches. */
export function batchesOfRows<Row>(rows: AsyncIterable<Row> | Iterable<Row>): AsyncIterable<RowBatch<Row>> {
  return rows instanceof BatchedRows ? rows.batches : gather(rows);
}

async function* gather<Row>(
  rows: AsyncIterable<Row> | Iterable<Row>,
): AsyncGenerator<RowBatch<Row>, void, undefined> {
  let batch: Row[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < maxCollected) continue;
    yield new DecodedRowBatch(batch);
    batch = [];
  }
  if (batch.length > 0) yield new DecodedRowBatch(batch);
}
