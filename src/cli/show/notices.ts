import {askYesNo as ask} from '../../output/terminal/prompt.js';
import {safeText} from '../../output/text/safe-text.js';
import type {CommandContext} from '../command-context.js';
import {clusterName} from '../settings/connection-options.js';

/** A line for people beside the data: on stderr, made safe, and not with --quiet. */
export async function notice(context: CommandContext, line: string): Promise<void> {
  if (!context.outputOptions.quiet) await context.io.err.write(`${safeText(line)}\n`);
}

/** The same, at once also where stderr is a file: for commands that may run for hours. */
export async function noticeNow(context: CommandContext, line: string): Promise<void> {
  await notice(context, line);
  await context.io.err.flush();
}

/** A line for people that even --quiet lets through. */
export async function warn(context: CommandContext, line: string): Promise<void> {
  await context.io.err.write(`warning: ${safeText(line)}\n`);
}

/** Asks before destroying, unless --yes has answered. The guard makes sure that there is somebody to ask. */
export async function confirm(context: CommandContext, question: string): Promise<void> {
  if (!context.outputOptions.yes) await ask(context.io, await onCluster(context, question), context.signal);
}

/** The question, after the name of the cluster that it is about. */
export async function onCluster(context: CommandContext, question: string): Promise<string> {
  return `${clusterName(await context.connection())}: ${question}`;
}
