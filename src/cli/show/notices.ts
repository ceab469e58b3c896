import {safeText} from '../../output/text/safe-text.js';
import type {CommandContext} from '../command-context.js';

/** Writes a line to stderr, with remote text escaped, unless `--quiet` is set. */
export async function notice(context: CommandContext, line: string): Promise<void> {
  if (!context.outputOptions.quiet) await context.io.err.write(`${safeText(line)}\n`);
}

/** Writes a notice and flushes stderr, for commands that may run for hours. */
export async function noticeAndFlush(context: CommandContext, line: string): Promise<void> {
  await notice(context, line);
  await context.io.err.flush();
}

/** Writes a warning to stderr, even with `--quiet`. */
export async function warn(context: CommandContext, line: string): Promise<void> {
  await context.io.err.write(`warning: ${safeText(line)}\n`);
}

/** Maximum number of missing uids listed in a notice. */
const maxNamed = 5;

/** Prints the uids without a session or record, such as `no record for uids "u1", "u2"`. */
export async function noticeMissingUids(
  context: CommandContext,
  noun: 'session' | 'record',
  uids: readonly string[],
): Promise<void> {
  if (uids.length === 0) return;
  const some = uids.slice(0, maxNamed).join('", "');
  const more = uids.length > maxNamed ? ` and ${uids.length - maxNamed} more` : '';
  const missing = noun === 'session' ? 'live session' : noun;
  await notice(context, `no ${missing} for ${uids.length === 1 ? 'uid' : 'uids'} "${some}"${more}`);
}
