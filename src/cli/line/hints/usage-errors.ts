import {Command, type CommanderError} from 'commander';
import {closestMatch} from '../../../base/closest-match.js';
import {UsageError} from '../../../base/errors.js';
import {catalogue, commandAt} from '../../catalogue.js';
import {commandPath} from '../command-path.js';
import {flagHint} from './guessed-flags.js';
import {splitFlags} from './pasteable.js';
import {shownLine} from './shown-line.js';
import {suggestionHint} from './suggest-command.js';

/** Converts a commander error to a UsageError whose hint is a working command or flag. */
export async function fromCommanderError(
  error: CommanderError,
  entered: Command,
  argv: readonly string[],
): Promise<UsageError> {
  if (error.code === 'commander.help') {
    const verbs = entered.commands.map((command) => command.name()).join(', ');
    return new UsageError(`"${commandPath(entered)}" needs a verb: ${verbs}`, {
      hint: `${commandPath(entered)} --help`,
    });
  }
  const [first = '', suggestion] = error.message.split('\n(Did you mean ');
  const message = first
    .replace(/^error: /, '')
    .replace(/^(unknown option '--[^='\s]*)=.*'$/s, "$1'") // the value may be a password
    .replaceAll(/'/g, '"')
    .replace(/\. Expected/, ': expected')
    .replace(/\.$/, '');
  const hint = await hintFor(error, entered, argv);
  const fallback =
    suggestion === undefined || error.code === 'commander.unknownCommand' || !isSafe(error, entered)
      ? `${commandPath(entered)} --help`
      : `did you mean ${suggestion.slice(0, -1)}`;
  return new UsageError(message, {hint: hint ?? fallback, cause: error});
}

/** Minimum length of a mistyped flag of a write for suggesting a similar one. */
const minWriteFlag = '--gates'.length;

/**
 * Whether commander's suggestion may be shown. For a write, the flag must be one edit away: `--ids` must not suggest `--idle`,
 * which selects other sessions, nor `--desc` suggest `--yes`.
 */
function isSafe({message}: CommanderError, entered: Command): boolean {
  if (commandAt(commandPath(entered).replace(/^gatectl ?/, ''))?.risk === 'read') return true;
  const [unknown = ''] = unknownOption(message).split('=');
  const [suggested = ''] = message.split('\n(Did you mean ').slice(1);
  const flags = suggested.match(/--[\w-]+/g) ?? [];
  return unknown.length >= minWriteFlag && flags.every((flag) => closestMatch(unknown, [flag], 1) === flag);
}

async function hintFor(
  {code, message}: CommanderError,
  entered: Command,
  argv: readonly string[],
): Promise<string | undefined> {
  const program = entered.parent?.parent ?? entered.parent ?? entered;
  const line = splitFlags(argv, program.options);
  if (code === 'commander.unknownOption') {
    const isNoun = entered.commands.length > 0 && entered !== program;
    if (isNoun) return await suggestionHint(line);
    return flagHint(argv, unknownOption(message), entered) ?? (await siblingHint(line, message, entered));
  }
  const extra = code === 'commander.excessArguments' ? extraWordHint(argv, line.words, entered) : undefined;
  if (extra !== undefined) return extra;
  if (code === 'commander.excessArguments' && line.words[0] === 'sessions' && line.words[1] === 'get') {
    const verb = line.words.length === 4 ? 'get' : 'list';
    const words = ['settings', verb, ...line.words.slice(2, verb === 'get' ? 4 : 3)];
    return await suggestionHint({...line, words});
  }
  const isList = code === 'commander.excessArguments' && /^(list|count)$/.test(entered.name());
  if (isList && entered.name() === 'count') {
    const by = await groupingHint(line);
    if (by !== undefined) return by;
  }
  if (code !== 'commander.unknownCommand' && !isList) return undefined;
  const words = isList ? line.words.filter((word) => word !== entered.name()) : line.words;
  return await suggestionHint({...line, words});
}

/** Suggests another read of the same noun that has the flag, as for `sessions top --sort uid`. */
async function siblingHint(
  {words, flags}: ReturnType<typeof splitFlags>,
  message: string,
  entered: Command,
): Promise<string | undefined> {
  const noun = words[0] ?? '';
  const [name = ''] = unknownOption(message).split('=');
  if (commandAt(`${noun} ${entered.name()}`)?.risk !== 'read') return undefined;
  for (const {path, risk, load} of catalogue) {
    if (risk !== 'read' || !path.startsWith(`${noun} `)) continue;
    const sibling = new Command();
    (await load()).declare(sibling);
    if (sibling.options.some(({long}) => long === name))
      return await suggestionHint({words: [...path.split(' '), ...words.slice(2)], flags});
  }
  return undefined;
}

/** Suggests `--by` if the extra word is a grouping, as in `sessions count gate`. */
async function groupingHint({words, flags}: ReturnType<typeof splitFlags>): Promise<string | undefined> {
  const {groupingNames} = await import('../../../selector/grouping.js');
  const isGrouping = (word: string): boolean => groupingNames.includes(word) || word.startsWith('settings.');
  const [by, ...more] = words.filter((word) => !['sessions', 'count', 'by'].includes(word));
  if (by === undefined || more.length > 0 || !isGrouping(by)) return undefined;
  return `did you mean: ${shownLine(['sessions', 'count', '--by', by, ...flags])}`;
}

/** Suggests `--server` if the extra word is a server address, as in `context add x nats://h:4222`. */
function extraWordHint(
  argv: readonly string[],
  words: readonly string[],
  entered: Command,
): string | undefined {
  const isContext = entered.parent?.name() === 'context';
  const address = words.find(
    (word) => /^(?:nats|tls|wss?):\/\//.test(word) || (isContext && /^[\w.-]+:\d+$/.test(word)),
  );
  if (address === undefined) return undefined;
  const line = argv.flatMap((word) => (word === address ? ['--server', word] : [word]));
  return `did you mean: ${shownLine(line)}`;
}

/** Returns the flag in commander's message about an unknown option, including a value after `=`; empty if there is none. */
export const unknownOption = (message: string): string =>
  /unknown option '(.*?)'(?:\n|$)/s.exec(message)?.[1] ?? '';
