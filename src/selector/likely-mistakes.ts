import {isIP} from 'node:net';
import {type FieldName, networks} from './fields.js';
import {selectorError} from './selector-errors.js';
import {comparisonsIn, literalText, type SyntaxNode} from './syntax-tree.js';

/** Fields that are never empty. */
const neverEmpty: ReadonlySet<string> = new Set<FieldName>(['id', 'gate', 'ip', 'network']);

/**
 * Throws UsageError for selectors that are surely mistakes: comparisons that never hold (`network == "ws"`), and `uid == ""`,
 * which results from an unset shell variable and would select all guests.
 */
export function rejectLikelyMistakes(text: string, node: SyntaxNode): void {
  for (const {field, literal} of comparisonsIn(node)) {
    const value = literalText(literal);
    if (value === undefined) continue;
    if (field === 'uid' && value.trim() === '')
      throw selectorError(text, 'empty uid', literal, 'to select guests: guest');
    if (neverEmpty.has(field) && value.trim() === '')
      throw selectorError(text, `no session has an empty ${field}`, literal);
    if (field === 'ip' && isIP(value) === 0)
      throw selectorError(
        text,
        `invalid address ${JSON.stringify(value)}`,
        literal,
        'write it without a port, as in ip == "10.0.0.1"',
      );
    if (field === 'network' && !networks.some((name) => name === value)) {
      const message = `no session has the network ${JSON.stringify(value)}`;
      throw selectorError(text, message, literal, `the networks are ${networks.join(' and ')}`);
    }
  }
}
