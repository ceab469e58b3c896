/** Limits the table to 64 MB. */
const maxSlots = 2 ** 23;
const fill = 0.7;

/**
 * A set of strings that stores only a 53-bit hash of each: 8 to 16 bytes per string. A false positive occurs about
 * once in 10^15 lookups, so findings are verified before they are reported.
 */
export class StringHashSet {
  private slots = new Float64Array(1024);
  size = 0;
  /** Number of strings not stored because the table is full. */
  forgotten = 0;

  constructor(private readonly max = maxSlots) {}

  has(text: string): boolean {
    const hash = hash53(text);
    return this.slots[this.slotOf(hash)] === hash;
  }

  /** Adds a string. Returns true if it was already in the set. */
  see(text: string): boolean {
    const hash = hash53(text);
    const at = this.slotOf(hash);
    if (this.slots[at] === hash) return true;
    if (this.size + 1 > fill * this.slots.length) {
      if (this.slots.length >= this.max) this.forgotten += 1;
      else {
        this.grow();
        this.put(hash);
      }
      return false;
    }
    this.slots[at] = hash;
    this.size += 1;
    return false;
  }

  private put(hash: number): void {
    this.slots[this.slotOf(hash)] = hash;
    this.size += 1;
  }

  private slotOf(hash: number): number {
    const mask = this.slots.length - 1;
    let at = hash % this.slots.length;
    while (this.slots[at] !== 0 && this.slots[at] !== hash) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Float64Array(before.length * 2);
    this.size = 0;
    for (const hash of before) if (hash !== 0) this.put(hash);
  }
}

/** Returns a 53-bit hash, never 0 (cyrb53: two multiplicative hashes combined). */
export function hash53(text: string): number {
  let [low, high] = [0xdeadbeef, 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    low = Math.imul(low ^ code, 2654435761);
    high = Math.imul(high ^ code, 1597334677);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return 4294967296 * (2097151 & high) + (low >>> 0) || 1;
}
