import {type Command, Option} from 'commander';
import {UsageError} from '../../base/errors.js';
import {defaultPace, typedConfirmationAbove} from '../../cluster/write/bulk-limits.js';
import {parseCount} from '../line/parsers.js';
import {hasSelector, type SelectorInput, withSelectorFlags} from './selector-flags.js';

/** How fast many are written to, and what stops it. */
export interface PaceInput {
  readonly dryRun?: boolean | undefined;
  readonly expect?: number | undefined;
  readonly rate: number;
  readonly maxErrors: number;
  /** New connections a second that one gate may see. */
  readonly maxConnects?: number | undefined;
  readonly outcome?: string | undefined;
}

/** How a command acts on many sessions. */
export interface BulkInput extends SelectorInput, PaceInput {
  readonly all?: boolean | undefined;
  readonly plan?: string | undefined;
  readonly resume?: string | undefined;
}

export function withBulkFlags(command: Command): Command {
  return withPaceFlags(
    withSelectorFlags(command)
      .option('--all', 'every session of the cluster, or of --gate')
      .option('--plan <file>', 'write the sessions that match there and send nothing; see gatectl apply')
      .option('--resume <file>', 'go on with what is left in an outcome file'),
  );
}

export function withPaceFlags(command: Command): Command {
  return command
    .option('--dry-run', 'show the sessions, and send nothing')
    .option(
      '--expect <count>',
      `go on only if they are so many; needed with --yes for more than ${typedConfirmationAbove}`,
      parseCount,
    )
    .addOption(
      new Option('--rate <count>', 'so many a second on each gate; 0 for no bound')
        .argParser(parseRate)
        .default(defaultPace.rate),
    )
    .addOption(
      new Option('--max-errors <count>', 'stop after so many errors')
        .argParser(parseCount)
        .default(defaultPace.maxErrors),
    )
    .option(
      '--max-connects <count>',
      'stop when a gate has more new connections a second than this (kick: 3 × --rate, at least 50)',
      parseCount,
    )
    .option('--outcome <file>', 'write targets and outcomes there, to --resume from');
}

function parseRate(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no rate`, {hint: 'give a whole number a second, 0 for no bound'});
}

/** Whether a command line is about many sessions rather than a named one. */
export function isBulk(input: BulkInput): boolean {
  return hasSelector(input) || input.all === true || input.resume !== undefined;
}

/** The words of a command that begin with a session, unless flags select many: then there is none. */
export function splitTargets(
  words: readonly string[],
  input: BulkInput,
): {readonly session: string | undefined; readonly rest: readonly string[]} {
  if (isBulk(input)) return {session: undefined, rest: words};
  const [session, ...rest] = words;
  if (session !== undefined) return {session, rest};
  throw new UsageError('which session is not said', {
    hint: 'give its id, or select many: --where, --uid, --all …',
  });
}
