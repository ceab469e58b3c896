import type {EncodedRows} from './page-walk.js';

/** Rows of one gate in bytes. */
export interface EncodedBatch {
  readonly rows: EncodedRows;
  /** Id of the gate that gave them. */
  readonly node: string;
  /** When it gave them, by its own clock; absent where it does not say. */
  readonly observedAt: number | undefined;
}

/** Rows that came together. */
export interface Batch<Row> {
  readonly count: number;
  /** Built when they are first asked for. */
  readonly rows: readonly Row[];
  /** The same rows in bytes, where they came so: who reads these need not build the others. */
  readonly encoded?: EncodedBatch | undefined;
  slice(from: number, to?: number): Batch<Row>;
}

/** Rows one by one, or in the batches that they came in. To be read once, in one of the two ways. */
export class BatchedRows<Row> implements AsyncIterable<Row> {
  constructor(readonly batches: AsyncIterable<Batch<Row>>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void, undefined> {
    for await (const {rows} of this.batches) for (const row of rows) yield row;
  }
}

/** A batch of rows that are built. */
export class BuiltBatch<Row> implements Batch<Row> {
  constructor(readonly rows: readonly Row[]) {}

  get count(): number {
    return this.rows.length;
  }

  slice(from: number, to?: number): Batch<Row> {
    return new BuiltBatch(this.rows.slice(from, to));
  }
}

/** Rows that come one by one are gathered up to this many. */
const gathered = 256;

/** The batches of rows, however they come. */
export function batchesOf<Row>(rows: AsyncIterable<Row> | Iterable<Row>): AsyncIterable<Batch<Row>> {
  return rows instanceof BatchedRows ? rows.batches : gather(rows);
}

async function* gather<Row>(
  rows: AsyncIterable<Row> | Iterable<Row>,
): AsyncGenerator<Batch<Row>, void, undefined> {
  let batch: Row[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < gathered) continue;
    yield new BuiltBatch(batch);
    batch = [];
  }
  if (batch.length > 0) yield new BuiltBatch(batch);
}
