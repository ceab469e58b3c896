/** Node in the syntax tree of @marcbachmann/cel-js 8, with the members used here. */
export interface SyntaxNode {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
}

export function isSyntaxNode(value: unknown): value is SyntaxNode {
  return value !== null && typeof value === 'object' && 'op' in value && 'args' in value;
}

export function childNodes({args}: SyntaxNode): readonly SyntaxNode[] {
  return (Array.isArray(args) ? args.flat() : [args]).filter(isSyntaxNode);
}

/** Returns the name and arguments of `name(…)` or `receiver.name(…)`. The receiver is the first argument. */
export function functionCall(
  node: SyntaxNode,
): {readonly name: string; readonly args: readonly SyntaxNode[]} | undefined {
  if (!Array.isArray(node.args)) return undefined;
  const [name] = node.args;
  if ((node.op !== 'call' && node.op !== 'rcall') || typeof name !== 'string') return undefined;
  return {name, args: childNodes(node)};
}

export function stringLiteral(node: SyntaxNode | undefined): string | undefined {
  return node?.op === 'value' && typeof node.args === 'string' ? node.args : undefined;
}

/** A field and a literal it is compared with. */
interface Comparison {
  readonly field: string;
  readonly literal: SyntaxNode;
}

/** Returns every `field == "text"` (in either order) and `field in ["text", …]`. `ops` are the operators to look for. */
export function findComparisons(
  node: SyntaxNode,
  ops: readonly string[] = ['==', 'in'],
): readonly Comparison[] {
  const [left, right] = childNodes(node);
  const found: Comparison[] = [];
  if (left !== undefined && right !== undefined && ops.includes(node.op)) {
    if (node.op === 'in') found.push(...(right.op === 'list' ? compared(left, childNodes(right)) : []));
    else found.push(...compared(left, [right]), ...compared(right, [left]));
  }
  return [...found, ...childNodes(node).flatMap((child) => findComparisons(child, ops))];
}

function compared(field: SyntaxNode, literals: readonly SyntaxNode[]): readonly Comparison[] {
  const {op, args} = field;
  return op === 'id' && typeof args === 'string' ? literals.map((literal) => ({field: args, literal})) : [];
}
