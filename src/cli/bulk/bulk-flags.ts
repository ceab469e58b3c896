import {type Command, Option} from 'commander';
import {UsageError} from '../../base/errors.js';
import {defaultPace, typedConfirmationAbove} from '../../cluster/write/bulk-limits.js';
import {parseCount} from '../line/parsers.js';
import {parseSessionReference, sessionAbout} from '../line/session-argument.js';
import {collect} from '../verb.js';
import {stdinWord} from './named-sessions.js';
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
  /** Sessions named by a flag. */
  readonly target?: readonly string[] | undefined;
  readonly allSessions?: boolean | undefined;
  readonly ignoreMissing?: boolean | undefined;
  readonly all?: boolean | undefined;
  readonly plan?: string | undefined;
  readonly resume?: string | undefined;
}

export function withBulkFlags(command: Command): Command {
  return withPaceFlags(
    withSelectorFlags(command)
      .option(
        '--target <session>',
        'name a session (repeatable), - for a list on stdin',
        collect(parseTarget),
      )
      .option('--all-sessions', 'take every session of a uid: target')
      .option('--ignore-missing', 'proceed when a named session does not exist')
      .option('--all', 'select every session of the cluster, or of --gate')
      .option('--plan <file>', 'save the selection for gatectl apply; send nothing')
      .option('--resume <file>', 'continue with the unfinished sessions of an outcome file'),
  );
}

export function withPaceFlags(command: Command): Command {
  return withRateFlags(
    command.option('--dry-run', 'show the sessions; send nothing'),
    'writes per second on each gate; 0 for no limit',
  ).option(
    '--max-connects <count>',
    'stop when new connections per second on a gate exceed this (kick: 3 × --rate, at least 50)',
    parseCount,
  );
}

/** Declares the flags of every bulk write, of sessions or records. */
export function withRateFlags(command: Command, aboutRate: string): Command {
  return command
    .option(
      '--expect <count>',
      `proceed only if exactly this many match; with --yes, required above ${typedConfirmationAbove}`,
      parseCount,
    )
    .addOption(new Option('--rate <count>', aboutRate).argParser(parseRate).default(defaultPace.rate))
    .addOption(
      new Option('--max-errors <count>', 'stop after this many errors')
        .argParser(parseCount)
        .default(defaultPace.maxErrors),
    )
    .option('--outcome <file>', 'save targets and outcomes, for --resume');
}

/** Parses writes per second; 0 for no limit. */
export function parseRate(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UsageError(
    `invalid rate "${text}": expected writes per second as a whole number, 0 for no limit`,
    {
      hint: 'such as --rate 100',
    },
  );
}

/** Declares the sessions of a command that writes to any number of them. */
export const withSessions = (command: Command): Command =>
  command.argument('[session...]', `${sessionAbout}; - for a list on stdin`, collect(parseTarget), []);

/** Parses a named session, or `-` for a list on stdin. Throws UsageError for `@file`, which names a list in other tools. */
export function parseTarget(text: string): string {
  if (text === stdinWord) return text;
  if (!text.startsWith('@')) return parseSessionReference(text);
  throw new UsageError(`"${text}" does not name a session`, {hint: 'for a list in a file: - < FILE'});
}

/** Whether flags select sessions, rather than words naming them. */
function isBulk(input: BulkInput): boolean {
  return hasSelector(input) || input.all === true || input.resume !== undefined;
}

/** Whether flags select or name the sessions, so that no word does. */
export const hasFlagTargets = (input: BulkInput): boolean => isBulk(input) || input.target !== undefined;

/** Returns the sessions that words and flags name; none if flags select them. Throws UsageError. */
export function sessionsNamed(words: readonly string[], input: BulkInput): readonly string[] {
  const sessions = [...words, ...(input.target ?? [])];
  const [first] = sessions;
  if (isBulk(input) && first !== undefined)
    throw new UsageError(`cannot combine session "${first}" with a selection: use one of them`);
  if (isBulk(input) || first !== undefined) return sessions;
  throw new UsageError('missing session: give an id, or select sessions with --where, --uid or --all', {
    hint: 'gatectl sessions list',
  });
}

/** Returns the session of a write to one; undefined for a bulk write. */
export function onlySession(sessions: readonly string[], input: BulkInput): string | undefined {
  const {allSessions, plan, outcome, expect} = input;
  const isSaved = plan !== undefined || outcome !== undefined || expect !== undefined;
  const [session] = sessions;
  return sessions.length === 1 && session !== stdinWord && allSessions !== true && !isSaved
    ? session
    : undefined;
}

/** A verb that writes to one session or to many. With many it watches the signal and asks for confirmation itself. */
export function inBulk<Input extends BulkInput>(wordsOf: (input: Input) => readonly string[]) {
  const isMany = (input: Input): boolean =>
    isBulk(input) || onlySession([...wordsOf(input), ...(input.target ?? [])], input) === undefined;
  return {handlesAbort: isMany, confirms: isMany};
}

/** Splits the sessions off: the first word, unless flags select or name them. */
export function splitTargets(
  words: readonly string[],
  input: BulkInput,
): {readonly sessions: readonly string[]; readonly rest: readonly string[]} {
  const [first, ...others] = words;
  const isFirst = !hasFlagTargets(input) && first !== undefined;
  return {
    sessions: sessionsNamed(isFirst ? [parseTarget(first)] : [], input),
    rest: isFirst ? others : words,
  };
}
