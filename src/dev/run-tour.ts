import {timeoutSignal} from '../base/abort-signals.js';
import {errorMessage} from '../base/error-details.js';
import {ExitCode} from '../base/errors.js';
import type {CapturedCommandResult, DevConnectionSettings, DevDeps} from './dev-deps.js';
import type {TourStep} from './tour-steps.js';

type TourDeps = Pick<DevDeps, 'write' | 'note' | 'runCommand' | 'shellLine' | 'signal'>;

/** How long a client may take to see the effect of a command, in milliseconds. */
const witnessTimeoutMs = 5000;

/**
 * Runs the command line of each step, and prints it with its real output and what a client saw. At the first failure, prints the
 * step's title and returns its exit code.
 */
export async function runTour(
  steps: readonly TourStep[],
  context: DevConnectionSettings,
  deps: TourDeps,
): Promise<ExitCode> {
  for (const [index, step] of steps.entries()) {
    if (deps.signal.aborted) return ExitCode.interrupted;
    deps.write(`\n${index + 1}. ${step.title}\n$ gatectl ${deps.shellLine(step.argv)}\n`);
    const failure = await runStep(step, context, deps);
    if (failure === undefined) continue;
    deps.note(`error: step ${index + 1} of the tour ("${step.title}") failed: ${failure.why}`);
    return failure.code;
  }
  return ExitCode.done;
}

interface Failure {
  readonly why: string;
  readonly code: ExitCode;
}

async function runStep(
  step: TourStep,
  context: DevConnectionSettings,
  deps: TourDeps,
): Promise<Failure | undefined> {
  const looking = new AbortController();
  const signal = AbortSignal.any([looking.signal, timeoutSignal(witnessTimeoutMs)]);
  const early = step.after === true ? undefined : step.witness?.(signal);
  early?.catch(() => {}); // awaited below, unless the command fails first
  try {
    const outcome = await deps.runCommand(step.argv, context);
    deps.write(ending(outcome.out) + ending(outcome.err));
    const failure = failureOf(step, outcome);
    if (failure !== undefined) return failure;
    const seen = await (early ?? step.witness?.(signal));
    if (seen !== undefined) deps.write(`→ ${seen}\n`);
    return undefined;
  } catch (error) {
    return {why: errorMessage(error), code: ExitCode.negative};
  } finally {
    looking.abort();
  }
}

function failureOf(step: TourStep, {code, out}: CapturedCommandResult): Failure | undefined {
  if (code !== ExitCode.done) return {why: `exit ${code}`, code: exitCodeOf(code)};
  if (out.includes(step.shows)) return undefined;
  return {why: `expected "${step.shows}" in its output`, code: ExitCode.negative};
}

function exitCodeOf(code: number): ExitCode {
  return Object.values(ExitCode).find((known) => known === code) ?? ExitCode.bug;
}

const ending = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);
