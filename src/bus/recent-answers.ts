const kept = 256;
/** How long a node counts as answering twice after it did. */
const heldMs = 30_000;

/**
 * Recently answered calls by sequence number. mqant answers a call once, so a second answer comes from
 * another process with the same node id.
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

  /** Records an answer that no call waits for. */
  repeat(sequence: number): void {
    const node = this.nodes[sequence % kept];
    if (node !== undefined && this.sequences[sequence % kept] === sequence)
      this.repeated.set(node, this.now());
  }

  /** Reports whether the node recently answered a call twice. */
  isRepeated(node: string): boolean {
    const at = this.repeated.get(node);
    return at !== undefined && this.now() - at < heldMs;
  }
}
