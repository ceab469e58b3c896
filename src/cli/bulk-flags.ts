import {type Command, Option} from 'commander';
import {UsageError} from '../errors.js';
import {parseCount} from './parsers.js';
import {isNarrowed, type SelectorInput, withSelector} from './selector-flags.js';

/** How a command acts on many sessions. */
export interface BulkInput extends SelectorInput {
  readonly all?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly expect?: number | undefined;
  readonly rate: number;
  readonly maxErrors: number;
  readonly outcome?: string | undefined;
  readonly resume?: string | undefined;
}

/** A second on each gate, which a gate and those who reconnect bear easily. */
const usualRate = 100;
const usualMaxErrors = 20;

export function withBulk(command: Command): Command {
  return withSelector(command)
    .option('--all', 'every session of the cluster, or of --gate')
    .option('--dry-run', 'show the sessions that match, and send nothing')
    .option('--expect <count>', 'go on only if so many match; needed with --yes for more than 10', parseCount)
    .addOption(
      new Option('--rate <count>', 'so many a second on each gate; 0 for no bound')
        .argParser(parseRate)
        .default(usualRate),
    )
    .addOption(
      new Option('--max-errors <count>', 'stop after so many errors')
        .argParser(parseCount)
        .default(usualMaxErrors),
    )
    .option('--outcome <file>', 'write targets and outcomes there; with --dry-run a plan')
    .option('--resume <file>', 'go on with what is left in a plan or an outcome file');
}

function parseRate(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no rate`, {hint: 'give a whole number a second, 0 for no bound'});
}

/** Whether a command line is about many sessions rather than a named one. */
export function isBulk(input: BulkInput): boolean {
  return isNarrowed(input) || input.all === true || input.resume !== undefined;
}

/** The words of a command that begin with a session, unless flags select many: then there is none. */
export function splitWords(
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
