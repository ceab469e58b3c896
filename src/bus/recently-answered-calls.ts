const maxCalls = 256;
/** How long a node that answered a call twice is remembered, in milliseconds. */
const heldMs = 30_000;

/**
 * Recently answered calls, by sequence number. mqant answers a call once, so a second answer comes from another
 * process with the same node id.
 */
export class RecentlyAnsweredCalls {
  private readonly sequences = new Float64Array(maxCalls).fill(-1);
  private readonly nodes: string[] = new Array<string>(maxCalls).fill('');
  private readonly repeated = new Map<string, number>();

  /** `now` returns milliseconds. */
  constructor(private readonly now: () => number) {}

  add(sequence: number, node: string): void {
    this.sequences[sequence % maxCalls] = sequence;
    this.nodes[sequence % maxCalls] = node;
  }

  /** Records an answer to a call that has already been answered. */
  repeat(sequence: number): void {
    const node = this.nodes[sequence % maxCalls];
    if (node !== undefined && this.sequences[sequence % maxCalls] === sequence)
      this.repeated.set(node, this.now());
  }

  /** Returns true if the node recently answered a call twice. */
  isRepeated(node: string): boolean {
    const at = this.repeated.get(node);
    return at !== undefined && this.now() - at < heldMs;
  }
}
