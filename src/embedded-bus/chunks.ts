const nothing = Buffer.alloc(0);

/** Received bytes of incomplete messages. Joined once, when enough bytes are available. */
export class Chunks {
  private parts: Buffer[] = [];
  private length = 0;
  private wanted = 0;

  /** Returns the bytes to parse; empty while fewer than wanted are available. */
  take(chunk: Buffer): Buffer {
    if (this.length === 0) return chunk;
    this.parts.push(chunk);
    this.length += chunk.length;
    if (this.length < this.wanted) return nothing;
    const joined = Buffer.concat(this.parts, this.length);
    this.parts = [];
    this.length = 0;
    return joined;
  }

  /** Keeps the rest until it has grown to `wanted` bytes. */
  keep(rest: Buffer, wanted: number): void {
    if (rest.length === 0) return;
    this.parts = [rest];
    this.length = rest.length;
    this.wanted = wanted;
  }
}
