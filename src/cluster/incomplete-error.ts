import {type ErrorOptions, ExitCode, PartialError} from '../base/errors.js';
import {missingGatesText} from './read/gather.js';
import {allLackPermission} from './records/unread-records.js';
import type {GateOutcome} from './result-types.js';

const isFailed = ({status}: GateOutcome): boolean => status === 'failed';
const unreachable: readonly (string | undefined)[] = ['timeout', 'no-responders', 'disconnected'];

/** Returns true if any gate replied. If none did, `--allow-partial` has no effect. */
export const hasAnyAnswer = (outcomes: readonly GateOutcome[]): boolean =>
  outcomes.some((outcome) => !isFailed(outcome) || outcome.count > 0);

/**
 * Returns the exit code of a partly failed call: outcome unknown if a write was not answered, partial if any gate
 * replied, else the reason why none did.
 */
export function exitCodeOfOutcomes(outcomes: readonly GateOutcome[]): ExitCode {
  if (outcomes.some(({isUnknown}) => isUnknown === true)) return ExitCode.outcomeUnknown;
  const unread = outcomes.filter((outcome) => outcome.unread !== undefined);
  if (unread.length === outcomes.filter(isFailed).length && allLackPermission(unread))
    return ExitCode.notPermitted;
  if (hasAnyAnswer(outcomes)) return ExitCode.partial;
  if (outcomes.every(({reason}) => reason === 'not-permitted')) return ExitCode.notPermitted;
  return outcomes.every(({reason}) => unreachable.includes(reason)) ? ExitCode.unreachable : ExitCode.partial;
}

/** Creates the error for an incomplete result. It lists the failed gates and has the exit code of `exitCodeOfOutcomes`. */
export function incompleteError(
  what: string,
  outcomes: readonly GateOutcome[],
  options: ErrorOptions = {},
): PartialError {
  return new PartialError(`${what}: ${missingGatesText(outcomes)}`, {
    ...options,
    exitCode: exitCodeOfOutcomes(outcomes),
  });
}
