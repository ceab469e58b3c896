import {ExitCode} from '../../base/errors.js';
import type {GateOutcome} from '../../cluster/cluster.js';
import {exitCodeOfOutcomes, hasAnyAnswer} from '../../cluster/incomplete-error.js';
import {missingGatesText} from '../../cluster/read/gather.js';
import type {CommandContext} from '../command-context.js';
import {warn} from './notices.js';

const isFailed = ({status}: GateOutcome): boolean => status === 'failed';

/** Returns the JSON members that say whether all gates, or the store, answered, and the outcome of each. */
export function completenessJson(outcomes: readonly GateOutcome[]) {
  const stores = outcomes.filter(isStore);
  const gates = outcomes.filter((outcome) => !isStore(outcome));
  return {
    complete: !outcomes.some(isFailed),
    ...(stores.length > 0 && gates.length === 0 ? {} : {gates: gates.map(outcomeDocument)}),
    ...(stores.length === 0 ? {} : {stores: stores.map(outcomeDocument)}),
  };
}

const isStore = (outcome: GateOutcome): boolean => outcome.isStore === true;

const outcomeDocument = ({node, status, reason, message, role, ms, count, unread}: GateOutcome) => ({
  node,
  status,
  ...(reason === undefined ? {} : {reason}),
  ...(message === undefined ? {} : {message}),
  ...(role === undefined ? {} : {role}),
  ms: Math.round(ms * 10) / 10,
  count,
  ...(unread === undefined ? {} : {unread: unread.count, unreadRecords: unread.first}),
});

/** Warns about gates that did not answer. Returns the exit code. */
export async function reportPartialResult(
  context: CommandContext,
  outcomes: readonly GateOutcome[],
): Promise<ExitCode> {
  if (!outcomes.some(isFailed)) return ExitCode.done;
  await warn(context, `${missingGatesText(outcomes)}; the result is incomplete${leftovers(outcomes)}`);
  const code = exitCodeOfOutcomes(outcomes);
  const isAllowed =
    context.outputOptions.allowPartial && hasAnyAnswer(outcomes) && code !== ExitCode.outcomeUnknown;
  return isAllowed ? ExitCode.done : code;
}

/** Describes the rows that a gate sent before it failed. They are shown, but may be out of date. */
function leftovers(outcomes: readonly GateOutcome[]): string {
  const some = outcomes.filter(
    ({status, reason, unread, count}) =>
      // the rows of a gate that can't list have just been confirmed by it
      status === 'failed' && reason !== 'unsupported' && unread === undefined && count > 0,
  );
  if (some.length === 0) return '';
  return `, and these rows may be out of date: ${some.map(({node, count}) => `${count} from ${node}`).join(', ')}`;
}
