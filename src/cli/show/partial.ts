import {ExitCode} from '../../base/errors.js';
import type {GateOutcome} from '../../cluster/cluster.js';
import {hasAnswer, worstOf} from '../../cluster/incomplete.js';
import {missingGatesText} from '../../cluster/read/gather.js';
import type {CommandContext} from '../command-context.js';
import {warn} from './notices.js';

const isFailed = ({status}: GateOutcome): boolean => status === 'failed';

/** What machine formats carry about the gates: whether all answered, and what became of each. */
export function completeness(outcomes: readonly GateOutcome[]) {
  return {
    complete: !outcomes.some(isFailed),
    gates: outcomes.map(({node, status, reason, message, role, ms, count, unread}) => ({
      node,
      status,
      ...(reason === undefined ? {} : {reason}),
      ...(message === undefined ? {} : {message}),
      ...(role === undefined ? {} : {role}),
      ms: Math.round(ms * 10) / 10,
      count,
      ...(unread === undefined ? {} : {unread: unread.count, unreadRecords: unread.first}),
    })),
  };
}

/** The partial-results contract: names the gates that did not answer, and decides the exit code. */
export async function reportPartial(
  context: CommandContext,
  outcomes: readonly GateOutcome[],
): Promise<ExitCode> {
  if (!outcomes.some(isFailed)) return ExitCode.done;
  await warn(context, `${missingGatesText(outcomes)}; the result is incomplete${leftovers(outcomes)}`);
  const code = worstOf(outcomes);
  const isAllowed =
    context.outputOptions.allowPartial && hasAnswer(outcomes) && code !== ExitCode.outcomeUnknown;
  return isAllowed ? ExitCode.done : code;
}

/** What a gate told before it failed is shown, and nobody knows whether it is still so. */
function leftovers(outcomes: readonly GateOutcome[]): string {
  const some = outcomes.filter(
    (outcome) => isFailed(outcome) && outcome.unread === undefined && outcome.count > 0,
  );
  if (some.length === 0) return '';
  return `, and what came before may have gone: ${some.map(({node, count}) => `${count} of ${node}`).join(', ')}`;
}
