import {type ErrorOptions, ExitCode, PartialError} from '../base/errors.js';
import type {GateOutcome} from './answers.js';
import {missingGatesText} from './read/gather.js';
import {lacksPermission} from './records/unread-records.js';

const isFailed = ({status}: GateOutcome): boolean => status === 'failed';
const unreachable: readonly (string | undefined)[] = ['timeout', 'no-responders', 'disconnected'];

/** Whether any gate gave something: without it `--allow-partial` has nothing to allow. */
export const hasAnswer = (outcomes: readonly GateOutcome[]): boolean =>
  outcomes.some((outcome) => !isFailed(outcome) || outcome.count > 0);

/**
 * The exit code of outcomes of which some failed: outcome unknown where a write was not answered, partial where any gate
 * gave something, else why none did.
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

/** What can't be said because gates failed, and which did; it ends with the code that `worstOf` gives. */
export function incomplete(
  what: string,
  outcomes: readonly GateOutcome[],
  options: ErrorOptions = {},
): PartialError {
  return new PartialError(`${what}: ${missingGatesText(outcomes)}`, {
    ...options,
    exitCode: worstOf(outcomes),
  });
}
