import {ExitCode, GatectlError} from '../../../base/errors.js';
import type {Presenter} from '../../../output/formats/presenter.js';

/** The result of one check. `warn` means that the checked part works with limits. */
export interface Finding {
  readonly check: string;
  readonly subject: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** Suggested next step; empty if there is nothing to do. */
  readonly next: string;
  readonly exitCode: ExitCode;
}

export const okFinding = (check: string, subject: string, detail: string): Finding => ({
  ...{check, subject, detail},
  ...{state: 'ok', next: '', exitCode: ExitCode.done},
});

export const warningFinding = (check: string, subject: string, detail: string, next: string): Finding => ({
  ...{check, subject, detail, next},
  ...{state: 'warn', exitCode: ExitCode.done},
});

/** Returns a failed finding with the error's message, hint and exit code. Rethrows anything but a GatectlError. */
export function failureFinding(check: string, subject: string, error: unknown, otherwise = ''): Finding {
  if (!(error instanceof GatectlError)) throw error;
  const {message: detail, hint: next = otherwise, exitCode} = error;
  return {check, subject, detail, next, exitCode, state: 'fail'};
}

/** Exit codes of failures, worst first. */
const exitCodesByPriority = [
  ExitCode.unreachable,
  ExitCode.notPermitted,
  ExitCode.outputFailed,
  ExitCode.undecodable,
  ExitCode.conflict,
  ExitCode.partial,
] as const;

/** Returns the exit code of the worst failure. Without failures: `negative` for a warning if `strict`, otherwise `done`. */
export function findingsExitCode(findings: readonly Finding[], strict: boolean): ExitCode {
  const codes = findings.filter(({state}) => state === 'fail').map(({exitCode}) => exitCode);
  const code = exitCodesByPriority.find((one) => codes.includes(one)) ?? codes[0];
  if (code !== undefined) return code;
  return strict && findings.some(({state}) => state === 'warn') ? ExitCode.negative : ExitCode.done;
}

export const findingPresenter: Presenter<Finding> = {
  columns: [
    {header: 'STATE', cell: ({state}) => state},
    {header: 'CHECK', cell: ({check}) => check, fit: 'whole'},
    {header: 'SUBJECT', cell: ({subject}) => subject, fit: 'whole'},
    {header: 'DETAIL', cell: ({detail}) => detail, fit: 'wrap'},
    {header: 'NEXT', cell: ({next}) => next, fit: 'wrap'},
  ],
  record: ({state, check, subject, detail, next}) => ({state, check, subject, detail, next}),
  id: ({check, subject}) => `${check}/${subject}`,
};
