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

/** A field and a literal that it is compared with. */
export interface Comparison {
  readonly field: string;
  readonly literal: Node;
}

/** Every `field == "text"` (either way round) and `field in ["text", …]` in a tree; `ops` names the operators. */
export function comparisonsIn(node: Node, ops: readonly string[] = ['==', 'in']): readonly Comparison[] {
  const [left, right] = childrenOf(node);
  const found: Comparison[] = [];
  if (left !== undefined && right !== undefined && ops.includes(node.op)) {
    if (node.op === 'in') found.push(...(right.op === 'list' ? compared(left, childrenOf(right)) : []));
    else found.push(...compared(left, [right]), ...compared(right, [left]));
  }
  return [...found, ...childrenOf(node).flatMap((child) => comparisonsIn(child, ops))];
}

function compared(field: Node, literals: readonly Node[]): readonly Comparison[] {
  const {op, args} = field;
  return op === 'id' && typeof args === 'string' ? literals.map((literal) => ({field: args, literal})) : [];
}
