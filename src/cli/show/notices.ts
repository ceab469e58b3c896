import {askYesNo as ask} from '../../output/terminal/prompt.js';
import {safeText} from '../../output/text/safe-text.js';
import type {CommandContext} from '../command-context.js';
import {clusterName} from '../settings/connection-options.js';

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

/** Asks for confirmation unless `--yes` is set. The guard has checked that prompts work. */
export async function confirm(context: CommandContext, question: string): Promise<void> {
  if (!context.outputOptions.yes) await ask(context.io, await onCluster(context, question), context.signal);
}

/** Puts the name of the cluster before a question. */
export async function onCluster(context: CommandContext, question: string): Promise<string> {
  return `${clusterName(await context.connection())}: ${question}`;
}
