import {UsageError} from '../../base/errors.js';

/** Module type of a gate, as in mqant's documentation. */
export const defaultGateType = 'Gate';

/** Parses `SV_Gate,gate`. Throws UsageError for an empty name, or one that no node id can begin with. */
export function parseGateTypes(text: string): readonly string[] {
  const types = text.split(',').map((type) => type.trim());
  const wrong = types.find((type) => type === '' || /[@/\s]/.test(type));
  if (wrong === undefined) return [...new Set(types)];
  throw new UsageError(`invalid gate type "${wrong}" in "${text}": expected types such as SV_Gate,gate`);
}
