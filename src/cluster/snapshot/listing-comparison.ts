import {StringHashMap} from './string-hash-map.js';

/** One side of a comparison. Can be read more than once. */
export interface ListingSide<Row> {
  readonly rows: () => AsyncIterable<Row>;
  /** Gates whose rows are incomplete. */
  readonly incomplete: ReadonlySet<string>;
}

/** Functions that identify and compare rows. */
export interface RowComparator<Row, Change> {
  readonly keyOf: (row: Row) => string;
  /** A hash of everything that counts as a change. */
  readonly contentOf: (row: Row) => number;
  readonly changeOf: (before: Row, after: Row) => Change;
}

/** Maximum number of changed rows held at a time. Further ones are read in extra rounds. */
const maxHeld = 100_000;

/**
 * Finds changes between two listings. Memory is bounded: both sides are read more than once, and only a hash
 * of each row is kept. `unknown` counts rows whose gate is incomplete on the other side.
 */
export abstract class ListingComparison<Row, Change extends {readonly kind: string}, Count extends string> {
  protected readonly after = new StringHashMap();
  /** Old rows of changed keys, not yet paired with their new rows. */
  protected changed = new Map<string, Row>();

  constructor(
    protected readonly old: ListingSide<Row>,
    protected readonly fresh: ListingSide<Row>,
    protected readonly counted: Record<Count | Change['kind'] | 'unknown', number>,
    private readonly traits: RowComparator<Row, Change>,
    protected readonly most = maxHeld,
  ) {}

  /** Complete once `changes` has been read to its end. */
  get counts(): Readonly<Record<Count | Change['kind'] | 'unknown', number>> {
    return this.counted;
  }

  async *changes(): AsyncGenerator<Change, void, undefined> {
    for await (const change of this.all()) {
      this.counted[change.kind as Change['kind']] += 1;
      yield change;
    }
  }

  protected abstract all(): AsyncGenerator<Change, void, undefined>;

  /** Returns the changes for a row that exists on the old side only. */
  protected abstract missing(row: Row): Iterable<Change>;

  /**
   * Reads each side once and counts its rows. Yields changes in rounds of `most` rows; the last ones stay in
   * `changed`.
   */
  protected async *readBoth(before: Count, after: Count): AsyncGenerator<Change, void, undefined> {
    const {keyOf, contentOf} = this.traits;
    for await (const row of this.fresh.rows()) {
      this.counted[after] += 1;
      this.after.set(keyOf(row), contentOf(row));
    }
    for await (const row of this.old.rows()) {
      this.counted[before] += 1;
      const content = this.after.get(keyOf(row));
      if (content === undefined) yield* this.missing(row);
      else {
        this.after.mark(keyOf(row));
        if (content !== contentOf(row)) this.changed.set(keyOf(row), row);
      }
      if (this.changed.size >= this.most) yield* this.changedRows();
    }
  }

  /** Reads the new side once, and yields a change for each held row. */
  protected async *changedRows(): AsyncGenerator<Change, void, undefined> {
    if (this.changed.size === 0) return;
    const held = this.changed;
    this.changed = new Map();
    for await (const row of this.fresh.rows()) {
      const before = held.get(this.traits.keyOf(row));
      if (before !== undefined) yield this.traits.changeOf(before, row);
    }
  }
}
