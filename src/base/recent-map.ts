/**
 * A Map limited to the `most` entries set most recently. Evicts entries in batches: iterating over a Map also visits the slots
 * of deleted entries, so evicting one entry at a time would take quadratic time.
 */
export class RecentMap<Key, Value> extends Map<Key, Value> {
  constructor(private readonly most: number) {
    super();
  }

  /** Sets an entry and moves it to the end, even if it already exists. */
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
