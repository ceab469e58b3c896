/** A node of the parser's tree, in the shapes that we look at (@marcbachmann/cel-js 8). */
export interface Node {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
}

export function isNode(value: unknown): value is Node {
  return value !== null && typeof value === 'object' && 'op' in value && 'args' in value;
}

/** The nodes right under a node. */
export function childrenOf({args}: Node): readonly Node[] {
  return (Array.isArray(args) ? args.flat() : [args]).filter(isNode);
}

/** The name and the arguments of `name(…)` or `receiver.name(…)`; the receiver comes first. */
export function callOf(node: Node): {readonly name: string; readonly args: readonly Node[]} | undefined {
  if (!Array.isArray(node.args)) return undefined;
  const [name] = node.args;
  if ((node.op !== 'call' && node.op !== 'rcall') || typeof name !== 'string') return undefined;
  return {name, args: childrenOf(node)};
}

/** The text of a string literal. */
export function literalText(node: Node | undefined): string | undefined {
  return node?.op === 'value' && typeof node.args === 'string' ? node.args : undefined;
}
