import {type Command, Option} from 'commander';
import {UsageError} from '../../base/errors.js';
import {defaultPace, typedConfirmationAbove} from '../../cluster/write/bulk-limits.js';
import {parseCount} from '../line/parsers.js';
import {hasSelector, type SelectorInput, withSelectorFlags} from './selector-flags.js';

/** The pace and the stop conditions of a bulk write. */
export interface PaceInput {
  readonly dryRun?: boolean | undefined;
  readonly expect?: number | undefined;
  readonly rate: number;
  readonly maxErrors: number;
  /** New connections per second that one gate may see. */
  readonly maxConnects?: number | undefined;
  readonly outcome?: string | undefined;
}

/** Input of a command that can write to many sessions. */
export interface BulkInput extends SelectorInput, PaceInput {
  readonly all?: boolean | undefined;
  readonly plan?: string | undefined;
  readonly resume?: string | undefined;
}

export function withBulkFlags(command: Command): Command {
  return withPaceFlags(
    withSelectorFlags(command)
      .option('--all', 'select every session of the cluster, or of --gate')
      .option('--plan <file>', 'save the selection for gatectl apply; send nothing')
      .option('--resume <file>', 'continue with the unfinished sessions of an outcome file'),
  );
}

export function withPaceFlags(command: Command): Command {
  return command
    .option('--dry-run', 'show the sessions; send nothing')
    .option(
      '--expect <count>',
      `proceed only if exactly this many match; with --yes, required above ${typedConfirmationAbove}`,
      parseCount,
    )
    .addOption(
      new Option('--rate <count>', 'writes per second on each gate; 0 for no limit')
        .argParser(parseRate)
        .default(defaultPace.rate),
    )
    .addOption(
      new Option('--max-errors <count>', 'stop after this many errors')
        .argParser(parseCount)
        .default(defaultPace.maxErrors),
    )
    .option(
      '--max-connects <count>',
      'stop when new connections per second on a gate exceed this (kick: 3 × --rate, at least 50)',
      parseCount,
    )
    .option('--outcome <file>', 'save targets and outcomes, for --resume');
}

function parseRate(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UsageError(
    `invalid rate "${text}": expected writes per second as a whole number, 0 for no limit`,
    {
      hint: 'such as --rate 100',
    },
  );
}

/** Whether flags select sessions, rather than an argument naming one. */
export function isBulk(input: BulkInput): boolean {
  return hasSelector(input) || input.all === true || input.resume !== undefined;
}

/** Splits off the session, which is the first word unless flags select sessions. */
export function splitTargets(
  words: readonly string[],
  input: BulkInput,
): {readonly session: string | undefined; readonly rest: readonly string[]} {
  if (isBulk(input)) return {session: undefined, rest: words};
  const [session, ...rest] = words;
  if (session !== undefined) return {session, rest};
  throw new UsageError('missing session: give an id, or select sessions with --where, --uid or --all', {
    hint: 'gatectl sessions list',
  });
}
