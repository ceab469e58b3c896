import {ConflictError} from '../../../base/errors.js';
import type {Target, TargetOutcome} from '../../../cluster/cluster.js';
import {groupedDigits, plural} from '../../../output/text/humanize.js';
import type {CommandContext} from '../../command-context.js';
import {notice} from '../../show/notices.js';

/** Maximum number of changed sessions named in notices. */
const maxNamed = 20;

/**
 * Asks the gates whether each session of a plan still exists under the same uid, and names those that changed. Rejects
 * with ConflictError when more than `maxDrift` changed.
 */
export async function checkPlanDrift(
  context: CommandContext,
  targets: readonly Target[],
  most: number,
): Promise<void> {
  const cluster = await context.openCluster();
  const pace = {rate: 0, maxErrors: Number.POSITIVE_INFINITY, signal: context.signal};
  let count = 0;
  for await (const outcome of cluster.writeAll(targets, {verb: 'check'}, pace)) {
    if (outcome.state === 'done') continue;
    count += 1;
    if (count <= maxNamed) await notice(context, `changed since the plan: ${changeText(outcome)}`);
  }
  context.signal.throwIfAborted();
  if (count > maxNamed) await notice(context, `and ${groupedDigits(count - maxNamed)} more`);
  if (count <= most) return;
  throw new ConflictError(
    `${groupedDigits(count)} of ${plural(targets.length, 'session')} changed since the plan; nothing was sent`,
    {hint: `make a new plan, or proceed with --max-drift ${count}`},
  );
}

function changeText({node, id, state, detail}: TargetOutcome): string {
  return `${node}/${id}: ${state === 'gone' ? 'gone' : (detail ?? state)}`;
}
