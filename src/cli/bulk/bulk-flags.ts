import {type Command, Option} from 'commander';
import {UsageError} from '../../base/errors.js';
import {defaultBulkPace, maxTargetsWithoutTypedConfirmation} from '../../cluster/write/bulk-limits.js';
import {parseCount} from '../line/parsers.js';
import {parseSessionReference, sessionReferenceHelp} from '../line/session-argument.js';
import {repeatableParser} from '../verb.js';
import {stdinArgument} from './read-session-references.js';
import {addSelectorFlags, hasSelectorFlags, type SelectorInput} from './selector-flags.js';

/** Pace and stop conditions of a bulk write. */
export interface BulkWriteInput {
  readonly dryRun?: boolean | undefined;
  readonly expect?: number | undefined;
  readonly rate: number;
  readonly maxErrors: number;
  /** Maximum number of new connections per second on any gate. Above it, the write stops. */
  readonly maxConnects?: number | undefined;
  readonly outcome?: string | undefined;
}

/** Input of a command that can write to many sessions. */
export interface BulkSessionInput extends SelectorInput, BulkWriteInput {
  /** Sessions given with `--target`. */
  readonly target?: readonly string[] | undefined;
  readonly allSessions?: boolean | undefined;
  readonly ignoreMissing?: boolean | undefined;
  readonly all?: boolean | undefined;
  readonly plan?: string | undefined;
  readonly resume?: string | undefined;
}

export function addBulkSessionFlags(command: Command): Command {
  return addSessionWriteFlags(
    addSelectorFlags(command)
      .option(
        '--target <session>',
        'add a session (repeatable); - reads a list from stdin',
        repeatableParser(parseSessionOrStdin),
      )
      .option('--all-sessions', 'with uid:<uid>, take every session of that uid')
      .option('--ignore-missing', 'proceed when a given session does not exist')
      .option('--all', 'select every session of the cluster, or of the gates in --gate')
      .option('--plan <file>', 'save the selection for gatectl apply; send nothing')
      .option('--resume <file>', 'continue with the unfinished sessions of an outcome file'),
  );
}

export function addSessionWriteFlags(command: Command): Command {
  return addBulkWriteFlags(
    command.option('--dry-run', 'show the sessions; send nothing'),
    'writes per second on each gate; 0 for no limit',
  ).option(
    '--max-connects <count>',
    'stop when new connections per second on a gate exceed this (kick: 3 × --rate, at least 50)',
    parseCount,
  );
}

/** Adds the flags that every bulk write has, on sessions or records. */
export function addBulkWriteFlags(command: Command, aboutRate: string): Command {
  return command
    .option(
      '--expect <count>',
      `proceed only if exactly this many match; with --yes, required above ${maxTargetsWithoutTypedConfirmation}`,
      parseCount,
    )
    .addOption(new Option('--rate <count>', aboutRate).argParser(parseRate).default(defaultBulkPace.rate))
    .addOption(
      new Option('--max-errors <count>', 'stop after this many errors')
        .argParser(parseCount)
        .default(defaultBulkPace.maxErrors),
    )
    .option('--outcome <file>', 'save targets and outcomes, for --resume');
}

/** Parses writes per second; 0 for no limit. */
export function parseRate(text: string): number {
  if (/^\d{1,6}(?:\/s)?$/.test(text)) return Number.parseInt(text, 10);
  throw new UsageError(
    `invalid rate "${text}": expected writes per second as a whole number up to 999999, 0 for no limit`,
    {hint: 'for example --rate 100'},
  );
}

/** Adds the positional arguments of a command that writes to any number of sessions. */
export const addSessionArguments = (command: Command): Command =>
  command.argument(
    '[session...]',
    `${sessionReferenceHelp}; - reads a list from stdin`,
    repeatableParser(parseSessionOrStdin),
    [],
  );

/** Parses a session reference, or `-` for a list on stdin. Throws UsageError for `@file`, the form other tools use for a list. */
export function parseSessionOrStdin(text: string): string {
  if (text === stdinArgument) return text;
  if (!text.startsWith('@')) return parseSessionReference(text);
  throw new UsageError(`invalid session "${text}"`, {hint: 'to read a list from a file: - < FILE'});
}

/** Whether flags select the sessions, so that arguments must not. */
function isBulk(input: BulkSessionInput): boolean {
  return hasSelectorFlags(input) || input.all === true || input.resume !== undefined;
}

/** Whether flags select or list the sessions, so that the first argument is not a session. */
export const hasTargetFlags = (input: BulkSessionInput): boolean =>
  isBulk(input) || input.target !== undefined;

/** Returns the sessions given as arguments and with `--target`; empty if flags select them. Throws UsageError if neither gives any. */
export function sessionReferences(words: readonly string[], input: BulkSessionInput): readonly string[] {
  const sessions = [...words, ...(input.target ?? [])];
  const [first] = sessions;
  if (isBulk(input) && first !== undefined)
    throw new UsageError(`cannot combine session "${first}" with selection flags: use one or the other`);
  if (isBulk(input) || first !== undefined) return sessions;
  throw new UsageError('missing session: give an id, or select sessions with --where, --uid or --all', {
    hint: 'for ids or uids in a file',
    retryWith: ['-'],
  });
}

/** Returns the session if the command writes to exactly one; undefined for a bulk write. */
export function singleSession(sessions: readonly string[], input: BulkSessionInput): string | undefined {
  const {allSessions, plan, outcome, expect} = input;
  const isSaved = plan !== undefined || outcome !== undefined || expect !== undefined;
  const [session] = sessions;
  return sessions.length === 1 && session !== stdinArgument && allSessions !== true && !isSaved
    ? session
    : undefined;
}

/** Returns `handlesAbort` and `confirms` of a verb: a bulk write does both itself, a write to one session neither. */
export function bulkVerbMembers<Input extends BulkSessionInput>(
  wordsOf: (input: Input) => readonly string[],
) {
  const isMany = (input: Input): boolean =>
    isBulk(input) || singleSession([...wordsOf(input), ...(input.target ?? [])], input) === undefined;
  return {handlesAbort: isMany, confirms: isMany};
}

/** Splits arguments into sessions and the rest. The first argument is a session unless flags select or list the sessions. */
export function splitSessionArguments(
  words: readonly string[],
  input: BulkSessionInput,
): {readonly sessions: readonly string[]; readonly rest: readonly string[]} {
  const [first, ...others] = words;
  const isFirst = !hasTargetFlags(input) && first !== undefined;
  return {
    sessions: sessionReferences(isFirst ? [parseSessionOrStdin(first)] : [], input),
    rest: isFirst ? others : words,
  };
}
