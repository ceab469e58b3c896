import type {GateOutcome} from '../cluster/cluster.js';
import {ExitCode} from '../errors.js';
import {plural} from '../output/human.js';
import type {CommandContext} from './context.js';
import {warn} from './talk.js';

const isFailed = ({status}: GateOutcome): boolean => status === 'failed';

/** What machine formats carry about the gates: whether all answered, and what became of each. */
export function completeness(outcomes: readonly GateOutcome[]) {
  return {
    complete: !outcomes.some(isFailed),
    gates: outcomes.map(({node, status, reason, message, ms, count}) => ({
      node,
      status,
      ...(reason === undefined ? {} : {reason}),
      ...(message === undefined ? {} : {message}),
      ms: Math.round(ms * 10) / 10,
      count,
    })),
  };
}

/** The partial-results contract: names the gates that did not answer, and decides the exit code. */
export async function settle(context: CommandContext, outcomes: readonly GateOutcome[]): Promise<ExitCode> {
  const failed = outcomes.filter(isFailed);
  if (failed.length === 0) return ExitCode.done;
  const who = failed.map((outcome) => `${outcome.node}: ${reasonText(outcome)}`).join('; ');
  const silent = `${failed.length} of ${plural(outcomes.length, 'gate')} did not answer`;
  await warn(context, `${silent} (${who}); the result is incomplete`);
  return context.manners.allowPartial ? ExitCode.done : ExitCode.partial;
}

function reasonText({reason, message, ms}: GateOutcome): string {
  if (reason === 'timeout')
    return `timeout after ${ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`}`;
  return message === undefined ? (reason ?? 'failed') : `${reason ?? 'failed'}, ${message}`;
}
