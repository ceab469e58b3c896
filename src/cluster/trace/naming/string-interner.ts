/**
 * Keeps one copy of each frequent string, up to `most` strings. A substring of a message would keep the whole message
 * in memory.
 */
export class StringInterner {
  private readonly known = new Map<string, string>();

  constructor(private readonly most: number) {}

  of(text: string): string {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const copy = copyString(text);
    if (this.known.size < this.most) this.known.set(copy, copy);
    return copy;
  }
}

/** Copies a string, so that it does not keep a larger one in memory. */
export function copyString(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
