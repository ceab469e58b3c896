/**
 * A Map of the entries that were set last, at most `most`. Evicts in batches: every iteration over a Map also walks the slots
 * of deleted entries, so evicting the first entry alone would take quadratic time.
 */
export class RecentMap<Key, Value> extends Map<Key, Value> {
  constructor(private readonly most: number) {
    super();
  }

  /** Moves the entry to the end, also when it exists. */
  override set(key: Key, value: Value): this {
    this.delete(key);
    super.set(key, value);
    if (this.size > this.most) this.evict(Math.max(1, this.most >> 6));
    return this;
  }

  private evict(count: number): void {
    let left = count;
    for (const key of this.keys()) {
      this.delete(key);
      left -= 1;
      if (left === 0) return;
    }
  }
}
