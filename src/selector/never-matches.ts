import {callOf, childrenOf, literalText, type Node} from './expression.js';
import {fault} from './faults.js';
import {type FieldName, networks} from './fields.js';

/** Fields that no session has empty. */
const neverEmpty: ReadonlySet<string> = new Set<FieldName>(['id', 'gate', 'ip', 'network']);

/**
 * Refuses what an operator can't have meant: a comparison that never holds (`network == "ws"`), and `uid == ""`, which
 * an unset shell variable leaves behind and which would select all guests.
 */
export function checkTyped(text: string, node: Node): void {
  for (const {field, literal} of comparisonsOf(node)) {
    const value = literalText(literal);
    if (value === undefined) continue;
    if (field === 'uid' && value.trim() === '')
      throw fault(text, 'the uid is empty', literal, 'to select guests: guest');
    if (neverEmpty.has(field) && value.trim() === '')
      throw fault(text, `no session has an empty ${field}`, literal);
    if (field === 'network' && !networks.some((name) => name === value)) {
      const message = `no session has the network ${JSON.stringify(value)}`;
      throw fault(text, message, literal, `the networks are ${networks.join(' and ')}`);
    }
  }
  for (const child of childrenOf(node)) checkTyped(text, child);
}

interface Comparison {
  readonly field: string;
  readonly literal: Node;
}

/** The comparisons in `field == "text"`, `"text" == field` and `field in ["text", …]`. */
function comparisonsOf(node: Node): readonly Comparison[] {
  const [left, right] = childrenOf(node);
  if (left === undefined || right === undefined || callOf(node) !== undefined) return [];
  if (node.op === '==') return [...compared(left, [right]), ...compared(right, [left])];
  return node.op === 'in' && right.op === 'list' ? compared(left, childrenOf(right)) : [];
}

function compared(field: Node, literals: readonly Node[]): readonly Comparison[] {
  const name = field.op === 'id' && typeof field.args === 'string' ? field.args : undefined;
  return name === undefined ? [] : literals.map((literal) => ({field: name, literal}));
}
