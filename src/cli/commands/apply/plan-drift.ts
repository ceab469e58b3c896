import {ConflictError} from '../../../base/errors.js';
import type {Target, TargetOutcome} from '../../../cluster/cluster.js';
import {formatCount, formatPlural} from '../../../output/text/humanize.js';
import type {BulkWriter} from '../../bulk/bulk-writer.js';
import type {CommandContext} from '../../command-context.js';
import {notice} from '../../show/notices.js';

/** Maximum number of changed targets listed in notices. */
const maxNamed = 20;

/**
 * Checks with the gates or the store whether each session of a plan still exists under the same uid, or each record still has
 * the same revision, and lists those that changed. Rejects with ConflictError if more than `most` changed.
 */
export async function checkPlanDrift(
  context: CommandContext,
  writer: BulkWriter,
  targets: readonly Target[],
  most: number,
): Promise<void> {
  const pace = {rate: 0, maxErrors: Number.POSITIVE_INFINITY, signal: context.signal};
  let count = 0;
  for await (const outcome of writer.check(targets, pace)) {
    if (outcome.state === 'done') continue;
    count += 1;
    if (count <= maxNamed)
      await notice(context, `changed since the plan: ${changeText(outcome, writer.noun)}`);
  }
  context.signal.throwIfAborted();
  if (count > maxNamed) await notice(context, `and ${formatCount(count - maxNamed)} more`);
  if (count <= most) return;
  throw new ConflictError(
    `${formatCount(count)} of ${formatPlural(targets.length, writer.noun)} changed since the plan; nothing was sent`,
    {hint: `make a new plan, or proceed with --max-drift ${count}`},
  );
}

function changeText({node, id, state, detail}: TargetOutcome, noun: BulkWriter['noun']): string {
  return `${noun === 'record' ? id : `${node}/${id}`}: ${state === 'gone' ? 'gone' : (detail ?? state)}`;
}
