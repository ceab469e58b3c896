import {UsageError} from '../../base/errors.js';

/** Refuses where no screen can be drawn: no terminal, a dumb one, or a CI run (UsageError, exit 2). */
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
