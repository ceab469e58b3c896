import type {EncodedRows} from './page-walk.js';

/** Encoded rows of one gate. */
export interface EncodedBatch {
  readonly rows: EncodedRows;
  /** Node id of the gate. */
  readonly node: string;
  /** Time of the rows by the gate's clock; undefined if the gate doesn't report it. */
  readonly observedAt: number | undefined;
}

/** Rows that arrived together. */
export interface Batch<Row> {
  readonly count: number;
  /** Decoded on first access. */
  readonly rows: readonly Row[];
  /** The same rows in encoded form, if available. Reading these avoids decoding `rows`. */
  readonly encoded?: EncodedBatch | undefined;
  slice(from: number, to?: number): Batch<Row>;
}

/**
 * Iterates over rows one by one, or over the batches in which they arrived. Can be iterated only once, in one of
 * these ways.
 */
export class BatchedRows<Row> implements AsyncIterable<Row> {
  constructor(readonly batches: AsyncIterable<Batch<Row>>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    for await (const {rows} of this.batches) for (const row of rows) yield row;
  }
}

/** A batch of decoded rows. */
export class BuiltBatch<Row> implements Batch<Row> {
  constructor(readonly rows: readonly Row[]) {}

  get count(): number {
    return this.rows.length;
  }

  slice(from: number, to?: number): Batch<Row> {
    return new BuiltBatch(this.rows.slice(from, to));
  }
}

/** Maximum size of a batch that is collected from single rows. */
const maxCollected = 256;

/** Returns rows from any source in batches. */
export function batchesOf<Row>(rows: AsyncIterable<Row> | Iterable<Row>): AsyncIterable<Batch<Row>> {
  return rows instanceof BatchedRows ? rows.batches : gather(rows);
}

async function* gather<Row>(
  rows: AsyncIterable<Row> | Iterable<Row>,
): AsyncGenerator<Batch<Row>, void, undefined> {
  let batch: Row[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < maxCollected) continue;
    yield new BuiltBatch(batch);
    batch = [];
  }
  if (batch.length > 0) yield new BuiltBatch(batch);
}
