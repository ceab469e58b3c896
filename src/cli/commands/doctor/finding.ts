import {ExitCode, GatectlError} from '../../../base/errors.js';

/** One thing that was looked at. `warn` works, with less than there could be. */
export interface Finding {
  readonly check: string;
  readonly subject: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do about it; empty when nothing is to be done. */
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

/** Something that does not work, in the words and with the exit code of its error. */
export function failureFinding(check: string, subject: string, error: unknown, otherwise = ''): Finding {
  if (!(error instanceof GatectlError)) throw error;
  const {message: detail, hint: next = otherwise, exitCode} = error;
  return {check, subject, detail, next, exitCode, state: 'fail'};
}

/** The worst first: nothing can be done, something may not be, something did not answer. */
const exitCodesByPriority = [
  ExitCode.unreachable,
  ExitCode.notPermitted,
  ExitCode.outputFailed,
  ExitCode.undecodable,
  ExitCode.conflict,
  ExitCode.partial,
] as const;

/** Of all that failed the worst; with `strict` what only warns is a negative answer. */
export function findingsExitCode(findings: readonly Finding[], strict: boolean): ExitCode {
  const codes = findings.filter(({state}) => state === 'fail').map(({exitCode}) => exitCode);
  const code = exitCodesByPriority.find((one) => codes.includes(one)) ?? codes[0];
  if (code !== undefined) return code;
  return strict && findings.some(({state}) => state === 'warn') ? ExitCode.negative : ExitCode.done;
}
