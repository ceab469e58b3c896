import {confirm as ask} from '../output/prompt.js';
import {safeText} from '../output/safe-text.js';
import type {CommandContext} from './context.js';

/** A line for people beside the data: on stderr, made safe, and not with --quiet. */
export async function notice(context: CommandContext, line: string): Promise<void> {
  if (!context.manners.quiet) await context.io.err.write(`${safeText(line)}\n`);
}

/** A line for people that even --quiet lets through. */
export async function warn(context: CommandContext, line: string): Promise<void> {
  await context.io.err.write(`warning: ${safeText(line)}\n`);
}

/** Asks before destroying, unless --yes has answered. That there is somebody to ask is the guard's business. */
export async function confirm(context: CommandContext, question: string): Promise<void> {
  if (!context.manners.yes) await ask(context.io, question, context.signal);
}
