import {type ErrorOptions, ExitCode, PartialError} from '../base/errors.js';
import type {GateOutcome} from './answers.js';
import {missingGatesText} from './read/gather.js';
import {lacksPermission} from './records/unread-records.js';

const isFailed = ({status}: GateOutcome): boolean => status === 'failed';
const unreachable: readonly (string | undefined)[] = ['timeout', 'no-responders', 'disconnected'];

/** Returns true if any gate replied. If none did, `--allow-partial` has no effect. */
export const hasAnswer = (outcomes: readonly GateOutcome[]): boolean =>
  outcomes.some((outcome) => !isFailed(outcome) || outcome.count > 0);

/**
 * Returns the exit code of a partly failed call: outcome unknown if a write was not answered, partial if any gate
 * replied, else the reason why none did.
 */
export function worstOf(outcomes: readonly GateOutcome[]): ExitCode {
  if (outcomes.some(({isUnknown}) => isUnknown === true)) return ExitCode.outcomeUnknown;
  const unread = outcomes.filter((outcome) => outcome.unread !== undefined);
  if (unread.length === outcomes.filter(isFailed).length && lacksPermission(unread))
    return ExitCode.notPermitted;
  if (hasAnswer(outcomes)) return ExitCode.partial;
  if (outcomes.every(({reason}) => reason === 'not-permitted')) return ExitCode.notPermitted;
  return outcomes.every(({reason}) => unreachable.includes(reason)) ? ExitCode.unreachable : ExitCode.partial;
}

/** Creates the error for an incomplete result. It lists the failed gates and has the exit code of `worstOf`. */
export function incompleteError(
  what: string,
  outcomes: readonly GateOutcome[],
  options: ErrorOptions = {},
): PartialError {
  return new PartialError(`${what}: ${missingGatesText(outcomes)}`, {
    ...options,
    exitCode: worstOf(outcomes),
  });
}
