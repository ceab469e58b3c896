import {UsageError} from '../../base/errors.js';

/** Throws UsageError (exit 2) without a terminal, on a dumb one, or in CI. */
export function requireTerminal(
  input: {readonly isTTY?: boolean},
  output: {readonly isTTY?: boolean},
  env: Readonly<Record<string, string | undefined>>,
): void {
  const reason = refusal(input, output, env);
  if (reason === undefined) return;
  throw new UsageError(`the dashboard needs a terminal, and ${reason}`, {
    hint: 'gatectl sessions list, or gatectl sessions watch -o jsonl',
  });
}

function refusal(
  input: {readonly isTTY?: boolean},
  output: {readonly isTTY?: boolean},
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (output.isTTY !== true) return 'stdout is not one';
  if (input.isTTY !== true) return 'stdin is not one';
  if (env['TERM'] === 'dumb' || env['TERM'] === '') return `TERM is "${env['TERM']}"`;
  return env['CI'] ? 'CI is set' : undefined;
}
