const kept = 256;
/** A node is said to answer twice for so long after it did. */
const heldMs = 30_000;

/**
 * The calls that were answered last, by their sequence numbers. mqant answers a call once, so that a second answer comes from
 * another process of the same node id.
 */
export class RecentAnswers {
  private readonly sequences = new Float64Array(kept).fill(-1);
  private readonly nodes: string[] = new Array<string>(kept).fill('');
  private readonly repeated = new Map<string, number>();

  /** `now` in milliseconds. */
  constructor(private readonly now: () => number) {}

  add(sequence: number, node: string): void {
    this.sequences[sequence % kept] = sequence;
    this.nodes[sequence % kept] = node;
  }

  /** An answer that no call waited for. */
  repeat(sequence: number): void {
    const node = this.nodes[sequence % kept];
    if (node !== undefined && this.sequences[sequence % kept] === sequence)
      this.repeated.set(node, this.now());
  }

  /** Whether the node has answered a call twice lately. */
  isRepeated(node: string): boolean {
    const at = this.repeated.get(node);
    return at !== undefined && this.now() - at < heldMs;
  }
}
