import {UsageError} from '../../base/errors.js';

/** Throws UsageError (exit 2) if there is no terminal, if it is dumb, or in CI. */
export function requireTerminal(
  input: {readonly isTTY?: boolean},
  output: {readonly isTTY?: boolean},
  env: Readonly<Record<string, string | undefined>>,
): void {
  const reason = refusal(input, output, env);
  if (reason === undefined) return;
  throw new UsageError(`cannot open the dashboard: ${reason}`, {
    hint: 'gatectl sessions watch -o jsonl',
  });
}

function refusal(
  input: {readonly isTTY?: boolean},
  output: {readonly isTTY?: boolean},
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (output.isTTY !== true) return 'stdout is not a terminal';
  if (input.isTTY !== true) return 'stdin is not a terminal';
  if (env['TERM'] === 'dumb' || env['TERM'] === '') return `TERM is "${env['TERM']}"`;
  return env['CI'] ? 'CI is set' : undefined;
}
