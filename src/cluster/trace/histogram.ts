/** Smaller values are counted exactly; above that, each doubling of the value has `steps` equal steps. */
const exact = 128;
const steps = exact / 2;
const largest = 2 ** 31 - 1;

/**
 * Counts integers (microseconds) by size in fixed memory. Quantiles are accurate to 1/64 of their value. Uses the
 * scheme of HdrHistogram.
 */
export class Histogram {
  count = 0;
  max = 0;
  private readonly counts = new Uint32Array(slotOf(largest) + 1);

  add(value: number): void {
    const whole = Math.min(largest, Math.max(0, Math.round(value)));
    const slot = slotOf(whole);
    this.counts[slot] = (this.counts[slot] ?? 0) + 1;
    this.count += 1;
    if (whole > this.max) this.max = whole;
  }

  /**
   * Returns the smallest value v such that at least `part` (0 to 1) of all values are ≤ v; undefined if there are
   * no values.
   */
  quantile(part: number): number | undefined {
    if (this.count === 0) return undefined;
    const rank = Math.max(1, Math.ceil(part * this.count));
    let seen = 0;
    for (let slot = 0; slot < this.counts.length; slot += 1) {
      seen += this.counts[slot] ?? 0;
      if (seen >= rank) return Math.min(this.max, middleOf(slot));
    }
    return this.max;
  }
}

function slotOf(value: number): number {
  if (value < exact) return value;
  const doublings = 31 - Math.clz32(value) - 6; // so that value >> doublings is in [64, 128)
  return exact + (doublings - 1) * steps + ((value >> doublings) - steps);
}

/** Returns the middle of a slot's range. */
function middleOf(slot: number): number {
  if (slot < exact) return slot;
  const doublings = Math.floor((slot - exact) / steps) + 1;
  const lowest = (((slot - exact) % steps) + steps) * 2 ** doublings;
  return lowest + (2 ** doublings - 1) / 2;
}
