import {UsageError} from '../../base/errors.js';

/** Module type of a gate, as in mqant's documentation. */
export const defaultGateType = 'Gate';

/** Words that mark a type as an HTTP gateway rather than a gate. */
const httpWords = ['http', 'https', 'web', 'api', 'rest'];

/**
 * Returns true if a type is named like a gate: its last word is `gate` or `gateway`, as in `SV_Gate`, `gate` and
 * `GameGate2`.
 */
export function isNamedLikeGate(type: string): boolean {
  const words = type
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[ _.-]/)
    .filter((word) => word !== '');
  const isGate = /^gate(?:way)?\d*$/.test(words.at(-1) ?? '');
  return isGate && !words.some((word) => httpWords.includes(word));
}

/**
 * Parses gate types such as `SV_Gate,gate`. Throws UsageError for an empty type, or one that no node id can begin
 * with.
 */
export function parseGateTypes(text: string): readonly string[] {
  const types = text.split(',').map((type) => type.trim());
  const wrong = types.find((type) => type === '' || /[@/\s]/.test(type));
  if (wrong === undefined) return [...new Set(types)];
  throw new UsageError(`invalid gate type "${wrong}" in "${text}": expected types such as SV_Gate,gate`);
}
