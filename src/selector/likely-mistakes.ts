import {isIP} from 'node:net';
import {createSelectorError} from './selector-errors.js';
import {networkNames, type SelectorFieldName} from './selector-fields.js';
import {findComparisons, type SyntaxNode, stringLiteral} from './syntax-tree.js';

/** Fields that are never empty. */
const neverEmpty: ReadonlySet<string> = new Set<SelectorFieldName>(['id', 'gate', 'ip', 'network']);

/**
 * Throws UsageError for selectors that are surely mistakes: comparisons that never hold (`network == "ws"`), and `uid == ""`,
 * which results from an unset shell variable and would select all guests.
 */
export function rejectLikelyMistakes(text: string, node: SyntaxNode): void {
  for (const {field, literal} of findComparisons(node)) {
    const value = stringLiteral(literal);
    if (value === undefined) continue;
    if (field === 'uid' && value.trim() === '')
      throw createSelectorError(text, 'empty uid', literal, 'to select guests: guest');
    if (neverEmpty.has(field) && value.trim() === '')
      throw createSelectorError(text, `no session has an empty ${field}`, literal);
    if (field === 'ip' && isIP(value) === 0)
      throw createSelectorError(
        text,
        `invalid address ${JSON.stringify(value)}`,
        literal,
        'write it without a port, as in ip == "10.0.0.1"',
      );
    if (field === 'network' && !networkNames.some((name) => name === value)) {
      const message = `no session has the network ${JSON.stringify(value)}`;
      throw createSelectorError(text, message, literal, `the networks are ${networkNames.join(' and ')}`);
    }
  }
}
