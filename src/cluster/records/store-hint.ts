import type {GateOutcome} from '../answers.js';

/** The next step when stock gates, which hand out no records, were asked for some; else undefined. */
export const storeHint = (outcomes: readonly GateOutcome[]): string | undefined =>
  outcomes.some(({reason, role}) => reason === 'unsupported' && role === 'stock-gate')
    ? "to read the gates' store directly: --store <url>, such as redis://127.0.0.1:6379/0"
    : undefined;
