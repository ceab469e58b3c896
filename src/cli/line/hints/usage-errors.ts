import {Command, type CommanderError} from 'commander';
import {closestMatch} from '../../../base/closest-match.js';
import {UsageError} from '../../../base/errors.js';
import {catalogue, commandAt} from '../../catalogue.js';
import {nouns} from '../../command-identity.js';
import {commandPath} from '../command-path.js';
import {flagHint} from './guessed-flags.js';
import {guessedCommands, guessedOfNoun, renamedFlags} from './guessed-words.js';
import {splitFlags} from './pasteable.js';
import {shownLine} from './shown-line.js';
import {suggestionHint} from './suggest-command.js';
import {choiceFlag, extraWordsHint, withoutExtraWords} from './values/extra-words.js';

/** Converts a commander error to a UsageError whose hint is a working command or flag. */
export async function fromCommanderError(
  error: CommanderError,
  entered: Command,
  argv: readonly string[],
): Promise<UsageError> {
  if (error.code === 'commander.help') {
    const verbs = entered.commands.map((command) => command.name()).join(', ');
    const {flags} = splitFlags(argv, entered.parent?.options ?? []);
    const hint = await suggestionHint({words: [entered.name()], flags});
    return new UsageError(`"${commandPath(entered)}" needs a verb: ${verbs}`, {
      hint: hint ?? `${commandPath(entered)} --help`,
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
  const whole = splitFlags(argv, [...program.options, ...entered.options]);
  if (code === 'commander.unknownOption') {
    const unknown = unknownOption(message);
    const isNoun = entered.commands.length > 0;
    if (isNoun && entered !== program) return await suggestionHint(line);
    const choice = choiceFlag(entered, unknown.replace(/^-+/, ''));
    if (choice !== undefined)
      return `did you mean: ${shownLine(argv.flatMap((word) => (word === unknown ? choice : [word])))}`;
    return (
      flagHint(argv, unknown, entered) ??
      (entered === program ? await wordHint(line, unknown) : undefined) ??
      (await siblingHint(line, message, entered)) ??
      (await verbHint(line, unknown, entered)) ??
      (commandAt(commandPath(entered).replace(/^gatectl ?/, ''))?.risk === 'read'
        ? await loneFlagHint(whole, unknown)
        : undefined)
    );
  }
  if (code === 'commander.missingArgument') return missingHint(entered);
  const extra = code === 'commander.excessArguments' ? extraWordHint(argv, line.words, entered) : undefined;
  if (extra !== undefined) return extra;
  if (code === 'commander.excessArguments' && line.words[0] === 'sessions' && line.words[1] === 'get') {
    const verb = line.words.length === 4 ? 'get' : 'list';
    const words = ['settings', verb, ...line.words.slice(2, verb === 'get' ? 4 : 3)];
    return await suggestionHint({...line, words});
  }
  const path = commandPath(entered).replace(/^gatectl ?/, '');
  const values =
    code === 'commander.excessArguments' ? extraWordsHint(argv, whole, entered, path) : undefined;
  if (values !== undefined) return values;
  const isList = code === 'commander.excessArguments' && /^(list|count)$/.test(entered.name());
  if (isList && entered.name() === 'count') {
    const by = await groupingHint(line);
    if (by !== undefined) return by;
  }
  if (code !== 'commander.unknownCommand' && !isList)
    return code === 'commander.excessArguments' ? withoutExtraWords(whole, entered, path) : undefined;
  const words = isList ? line.words.filter((word) => word !== entered.name()) : line.words;
  return await suggestionHint({...line, words});
}

/** Commands that list the possible arguments of other commands, by the first word of the latter. */
const listingOf: Readonly<Record<string, string>> = {
  ...{context: 'context list', gates: 'gates list', gate: 'gates list', records: 'records list'},
  ...{snapshot: 'snapshot list', sessions: 'sessions list', settings: 'sessions list'},
  ...{send: 'sessions list', bind: 'sessions list', unbind: 'sessions list'},
};

/** Suggests the command that lists the possible values of a missing argument. */
function missingHint(entered: Command): string | undefined {
  const path = commandPath(entered).replace(/^gatectl ?/, '');
  if (path === 'records diff') return 'did you mean: gatectl anomalies, or gatectl records diff <uid>';
  const missing = entered.registeredArguments.find(({required}) => required)?.name();
  const listing = listingOf[path.split(' ')[0] ?? ''];
  return listing === undefined || missing === 'args' ? undefined : `to choose one: gatectl ${listing}`;
}

/** Suggests the command for a flag that comes before any command and has the name of one, such as `--latency`. */
async function wordHint(
  {words, flags}: ReturnType<typeof splitFlags>,
  unknown: string,
): Promise<string | undefined> {
  const [word = ''] = unknown.replace(/^-+/, '').split('=');
  if (!guessedCommands.has(word) && !verbs.has(word)) return undefined;
  return await suggestionHint({words: [word, ...words.filter((one) => one !== unknown)], flags});
}

/** Suggests the command that an unknown flag stands for, as in `gates info --prometheus`. */
async function loneFlagHint(
  {words, flags}: ReturnType<typeof splitFlags>,
  unknown: string,
): Promise<string | undefined> {
  const word = unknown.replace(/^-+/, '');
  if (!guessedCommands.has(word)) return undefined;
  const args = words.filter(
    (one) => one !== unknown && commandAt(one) === undefined && !Object.hasOwn(nouns, one),
  );
  return await suggestionHint({words: [word, ...args.filter((one) => !verbs.has(one))], flags});
}

const verbs: ReadonlySet<string> = new Set(catalogue.map(({path}) => path.split(' ').at(-1) ?? ''));

/** Suggests the line with the verb that an unknown flag stands for, as in `gates drain Gate@a1 --resume`. */
async function verbHint(
  {words, flags}: ReturnType<typeof splitFlags>,
  unknown: string,
  entered: Command,
): Promise<string | undefined> {
  const noun = entered.parent?.name() ?? '';
  const verb = unknown.replace(/^--?/, '');
  if (!Object.hasOwn(nouns, noun)) return undefined;
  const rest = words.slice(2).filter((word) => word !== unknown);
  const first = [entered.name(), noun].find((one) => guessedOfNoun.has(`${one} ${verb}`)) ?? noun;
  const isVerb = commandAt(`${noun} ${verb}`) !== undefined || guessedOfNoun.has(`${first} ${verb}`);
  return isVerb ? await suggestionHint({words: [first, verb, ...rest], flags}) : undefined;
}

/** Suggests another read of the same noun that has the flag, as for `sessions top --sort uid`. */
async function siblingHint(
  {words, flags}: ReturnType<typeof splitFlags>,
  message: string,
  entered: Command,
): Promise<string | undefined> {
  const noun = words[0] ?? '';
  const [typed = ''] = unknownOption(message).split('=');
  const names = [typed, ...(renamedFlags[typed] ?? '').split(' ')];
  if (commandAt(`${noun} ${entered.name()}`)?.risk !== 'read') return undefined;
  for (const {path, risk, load} of catalogue) {
    if (risk !== 'read' || !path.startsWith(`${noun} `)) continue;
    const sibling = new Command();
    (await load()).declare(sibling);
    if (sibling.options.some(({long}) => names.includes(long ?? '-')))
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
