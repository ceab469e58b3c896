import {PartialError} from '../../base/errors.js';
import type {ClusterReader} from '../cluster.js';
import {exitCodeOfOutcomes, hasAnyAnswer} from '../incomplete-error.js';
import type {SessionsQuery} from '../query-types.js';
import {missingGatesText} from '../read/gather.js';
import type {GateOutcome} from '../result-types.js';
import {forEachSessionRow, type Target, targetOfRow} from './paced-writes.js';

/** Targets of a bulk write, and the outcomes of the gates. */
interface Selected {
  readonly targets: readonly Target[];
  readonly outcomes: readonly GateOutcome[];
}

/**
 * Selects all matching sessions by id. Leaves out rows of a gate that failed part-way, because they may be stale.
 * Calls `onCount` with the number found so far, about every thousand rows.
 */
export async function selectTargets(
  cluster: ClusterReader,
  query: Pick<SessionsQuery, 'gates' | 'where' | 'signal'>,
  onCount: (count: number) => void = () => {},
): Promise<Selected> {
  const listing = await cluster.list(query);
  const targets: Target[] = [];
  await forEachSessionRow(listing.rows, (row) => {
    targets.push(targetOfRow(row));
    if (targets.length % 1000 === 0) onCount(targets.length);
  });
  const outcomes = listing.outcomes();
  // a gate that cannot list has confirmed each of its known sessions
  const failed = new Set(
    outcomes
      .filter(({status, reason}) => status === 'failed' && reason !== 'unsupported')
      .map(({node}) => node),
  );
  return {targets: failed.size === 0 ? targets : targets.filter(({node}) => !failed.has(node)), outcomes};
}

/** The error for a bulk write that was not started because not all of its targets are known. */
export const unknownTargetsError = (outcomes: readonly GateOutcome[]): PartialError =>
  new PartialError(`could not find every session: ${missingGatesText(outcomes)}; nothing was sent`, {
    hint: hintFor(outcomes),
    exitCode: exitCodeOfOutcomes(outcomes),
  });

function hintFor(outcomes: readonly GateOutcome[]): string {
  const hints = [
    ...(hasAnyAnswer(outcomes) ? ['to continue with the known sessions: --allow-partial'] : []),
    ...(outcomes.some(
      ({reason, role, count}) => reason === 'unsupported' && role === 'stock-gate' && count === 0,
    )
      ? ['to find sessions by their next request: --tap 30s; by their records: --store <url>']
      : []),
  ];
  return hints.length > 0 ? hints.join('; ') : 'gatectl gates ping';
}
