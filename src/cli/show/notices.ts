import {safeText} from '../../output/text/safe-text.js';
import type {CommandContext} from '../command-context.js';

/** Writes a line to stderr, with remote text escaped. `--quiet` suppresses it. */
export async function notice(context: CommandContext, line: string): Promise<void> {
  if (!context.outputOptions.quiet) await context.io.err.write(`${safeText(line)}\n`);
}

/** Writes a notice and flushes stderr, for commands that may run for hours. */
export async function noticeNow(context: CommandContext, line: string): Promise<void> {
  await notice(context, line);
  await context.io.err.flush();
}

/** Writes a warning to stderr, also with `--quiet`. */
export async function warn(context: CommandContext, line: string): Promise<void> {
  await context.io.err.write(`warning: ${safeText(line)}\n`);
}
