import {hash53} from '../anomalies/string-hash-set.js';

/** Maps strings to numbers by a 53-bit hash of the string: 17 bytes per slot. */
export class StringHashMap {
  private keys = new Float64Array(1024);
  private values = new Float64Array(1024);
  private marks = new Uint8Array(1024);
  size = 0;

  set(text: string, value: number): void {
    if (this.size + 1 > 0.7 * this.keys.length) this.grow();
    this.put(hash53(text), value, 0);
  }

  get(text: string): number | undefined {
    const at = this.find(text);
    return at === undefined ? undefined : this.values[at];
  }

  /** Marks a string. Returns true if it is in the table and was not marked before. */
  mark(text: string): boolean {
    const at = this.find(text);
    if (at === undefined || this.marks[at] === 1) return false;
    this.marks[at] = 1;
    return true;
  }

  isMarked(text: string): boolean {
    const at = this.find(text);
    return at !== undefined && this.marks[at] === 1;
  }

  private find(text: string): number | undefined {
    const hash = hash53(text);
    const at = this.slotOf(hash);
    return this.keys[at] === hash ? at : undefined;
  }

  private put(hash: number, value: number, mark: number): void {
    const at = this.slotOf(hash);
    if (this.keys[at] === 0) this.size += 1;
    this.keys[at] = hash;
    this.values[at] = value;
    this.marks[at] = mark;
  }

  private slotOf(hash: number): number {
    const mask = this.keys.length - 1;
    let at = hash % this.keys.length;
    while (this.keys[at] !== 0 && this.keys[at] !== hash) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const {keys, values, marks} = this;
    this.keys = new Float64Array(keys.length * 2);
    this.values = new Float64Array(keys.length * 2);
    this.marks = new Uint8Array(keys.length * 2);
    this.size = 0;
    keys.forEach((hash, at) => {
      if (hash !== 0) this.put(hash, values[at] ?? 0, marks[at] ?? 0);
    });
  }
}
