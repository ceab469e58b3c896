import type {GateOutcome} from '../result-types.js';

/**
 * Returns a hint to read the store directly if stock gates, which cannot return records, were called; otherwise
 * undefined.
 */
export const openStoreHint = (outcomes: readonly GateOutcome[]): string | undefined =>
  outcomes.some(({reason, role}) => reason === 'unsupported' && role === 'stock-gate')
    ? "to read the gates' store directly: --store <url>, such as redis://127.0.0.1:6379/0"
    : undefined;
