import {Command, type CommanderError} from 'commander';
import {closestMatch} from '../../../base/closest-match.js';
import {UsageError} from '../../../base/errors.js';
import {catalogue, findCommand} from '../../catalogue.js';
import {commandNouns} from '../../command-identity.js';
import {fullCommandName} from '../full-command-name.js';
import {commandIndex} from './aliases.js';
import {flagSynonyms} from './flag-equivalents.js';
import {messageLine} from './forms/message-line.js';
import type {MistypedLine} from './forms/other-tools.js';
import {formatHintLine} from './hint-line.js';
import {nounOfSynonym} from './noun-synonyms.js';
import {beginsWithSqlClause, isListingCommand} from './sql-clauses.js';
import {type Suggestion, suggestCommand} from './suggest-command.js';
import {buildSuggestedLine, guessableReadPattern, splitWordsAndFlags} from './suggested-line.js';
import {commandByNounAndWord, commandsByWord, genericReadVerbs} from './synonyms.js';
import {unknownFlagHint} from './unknown-flags.js';
import {completeHintLine} from './values/completed-line.js';
import {droppedWordsHint, extraWordsHint, flagOfChoice} from './values/extra-words.js';

/** A line that commander refused. */
interface RefusedLine {
  readonly argv: readonly string[];
  /** The command that was entered; the program for a line that names none. */
  readonly entered: Command;
  /** Whether the program can ask for a confirmation. */
  readonly canAsk: boolean;
  /** Whether writes run without a question, because of GATECTL_YES. */
  readonly isConfirmed: boolean;
}

/** Converts a commander error to a UsageError whose hint is a working command or flag. */
export function toUsageError(
  error: CommanderError,
  {argv, entered}: RefusedLine,
  hint: string | undefined,
): UsageError {
  const unread =
    error.code === 'commander.unknownCommand' && hint !== undefined ? unreadWords(argv, hint) : undefined;
  if (unread !== undefined) return new UsageError(unread, {hint, cause: error});
  if (error.code === 'commander.help') {
    const verbs = entered.commands.map((command) => command.name()).join(', ');
    return new UsageError(`"${fullCommandName(entered)}" needs a verb: ${verbs}`, {
      hint: hint ?? `${fullCommandName(entered)} --help`,
    });
  }
  const [first = '', suggested] = error.message.split('\n(Did you mean ');
  const message = first
    .replace(/^error: /, '')
    .replace(/^(unknown option '(?:--[^='\s]*(?==)|-\w(?=[^'])))[^\n]*'$/s, "$1'") // the value may be a password
    .replaceAll(/'/g, '"')
    .replace(/\. Expected/, ': expected')
    .replace(/\.$/, '');
  const fallback =
    suggested === undefined || error.code === 'commander.unknownCommand' || !isSafe(error, entered)
      ? `${fullCommandName(entered)} --help`
      : `did you mean ${suggested.slice(0, -1)}`;
  return new UsageError(message, {hint: hint ?? fallback, cause: error});
}

/** Returns the message for a line that begins with a verb or noun of gatectl; undefined for one with an unknown word. */
function unreadWords(argv: readonly string[], hint: string): string | undefined {
  const [first = '', second] = argv.slice(commandIndex(argv, 0));
  if (!isPartOfCommand(first)) return undefined;
  const isNamed = second !== undefined && (isPartOfCommand(second) || commandsByWord.has(second));
  const named = isNamed ? `${first} ${second}` : first; // other words may be secrets
  if (hint.includes(', or gatectl ')) return `ambiguous command "${named}"`;
  const isUnread =
    hint.includes('(left out: ') || (second !== undefined && nounOfSynonym(first) !== undefined);
  return isUnread ? `cannot read all words after "${named}"` : `incomplete command "${named}"`;
}

const isPartOfCommand = (word: string): boolean =>
  verbs.has(word) || genericReadVerbs.has(word) || nounOfSynonym(word) !== undefined;

/** Minimum length of a mistyped flag of a write for suggesting a similar one. */
const minWriteFlag = '--gates'.length;

/**
 * Whether commander's suggestion may be shown. For a write, the flag must be one edit away: `--ids` must not suggest `--idle`,
 * which selects other sessions, nor `--desc` suggest `--yes`.
 */
function isSafe({message}: CommanderError, entered: Command): boolean {
  if (findCommand(fullCommandName(entered).replace(/^gatectl ?/, ''))?.risk === 'read') return true;
  const [unknown = ''] = unknownOptionIn(message).split('=');
  const [suggested = ''] = message.split('\n(Did you mean ').slice(1);
  const flags = suggested.match(/--[\w-]+/g) ?? [];
  return unknown.length >= minWriteFlag && flags.every((flag) => closestMatch(unknown, [flag], 1) === flag);
}

/** Returns what a refused line may mean: a hint, and the line to run instead where that is sure. */
export async function suggestForRefusedLine(
  error: CommanderError,
  refused: RefusedLine,
): Promise<Suggestion | undefined> {
  const {argv, entered, canAsk, isConfirmed} = refused;
  const program = entered.parent?.parent ?? entered.parent ?? entered;
  const line = {...splitWordsAndFlags(argv, program.options), canAsk, isConfirmed};
  switch (error.code) {
    case 'commander.help': {
      const bare = entered === program ? undefined : await suggestCommand({...line, words: [entered.name()]});
      return bare && {hint: bare.hint};
    }
    case 'commander.unknownOption': {
      const message = messageHint(line, entered);
      if (message !== undefined) return message;
      return await ofUnknownOption(unknownOptionIn(error.message), refused, line);
    }
    case 'commander.missingArgument': {
      const hint = missingHint(entered);
      return (await withUserArgument(line, entered)) ?? (hint === undefined ? undefined : {hint});
    }
    case 'commander.unknownCommand':
      return await suggestCommand(line);
    case 'commander.excessArguments':
      return messageHint(line, entered) ?? (await ofExtraWords(refused, line));
    default:
      return undefined;
  }
}

async function ofUnknownOption(
  unknown: string,
  {argv, entered}: RefusedLine,
  line: MistypedLine,
): Promise<Suggestion | undefined> {
  const program = entered.parent?.parent ?? entered.parent ?? entered;
  if (entered.commands.length > 0 && entered !== program) return await suggestCommand(line);
  const choice = flagOfChoice(entered, unknown.replace(/^-+/, ''));
  if (choice !== undefined)
    return {
      hint: `did you mean: ${formatHintLine(argv.flatMap((word) => (word === unknown ? choice : [word])))}`,
    };
  if (entered.name() === 'list' && line.words[0] === 'sessions' && countFlag.test(unknown))
    return await suggestCommand({
      ...line,
      words: ['sessions', 'count', ...line.words.slice(2).filter((word) => !countFlag.test(word))],
    });
  const hint = await unknownFlagHint({argv, unknown, entered, line});
  if (hint !== undefined) return {hint};
  const path = fullCommandName(entered).replace(/^gatectl ?/, '');
  const isRead = guessableReadPattern.test(path) && findCommand(path)?.risk === 'read'; // `dev` starts something
  const whole = {...line, ...splitWordsAndFlags(argv, [...program.options, ...entered.options])};
  return (
    (entered === program ? await wordOf(line, unknown) : undefined) ??
    (await siblingOf(line, unknown, entered)) ??
    (await verbOf(line, unknown, entered)) ??
    (isRead ? await loneFlagOf(whole, unknown) : undefined)
  );
}

/** Suggests the line of a message whose parts are named by flags of another tool, or in another order. */
function messageHint({words, flags, canAsk = true}: MistypedLine, entered: Command): Suggestion | undefined {
  const path = fullCommandName(entered).replace(/^gatectl ?/, '');
  if (path !== 'send' && path !== 'broadcast') return undefined;
  const isQos = flags.includes('-q') && words.some((word) => /^[012]$/.test(word));
  const plain = isQos ? words.filter((word) => !/^[012]$/.test(word)) : words;
  const user = flags.flatMap((word, at) => (word === '--user' ? ['--to', flags[at + 1] ?? ''] : []));
  const meant = messageLine([
    ...(path === 'broadcast' ? ['--all'] : []),
    ...user,
    ...(isQos ? ['--qos', '1'] : []),
    ...plain.slice(1),
  ]);
  const isOwn = (word: string): boolean =>
    word === '--qos' || entered.options.some(({long}) => long === word);
  if (meant?.some((word) => word.startsWith('--') && word !== '--all' && !isOwn(word)) ?? true)
    return undefined;
  const kept = flags.filter(
    (word, at) => word !== '--user' && flags[at - 1] !== '--user' && !(isQos && word === '-q'),
  );
  return meant && {hint: `did you mean: ${formatHintLine(completeHintLine([...meant, ...kept], canAsk))}`};
}

const countFlag = /^--(?:count|total)$/;

async function ofExtraWords(
  {argv, entered}: RefusedLine,
  line: MistypedLine,
): Promise<Suggestion | undefined> {
  const {words} = line;
  const address = extraWordHint(argv, words, entered);
  if (address !== undefined) return {hint: address};
  if (words[0] === 'sessions' && words[1] === 'get') {
    const verb = words.length === 4 ? 'get' : 'list';
    return await suggestCommand({
      ...line,
      words: ['settings', verb, ...words.slice(2, verb === 'get' ? 4 : 3)],
    });
  }
  const path = fullCommandName(entered).replace(/^gatectl ?/, '');
  if (path === 'sessions list' && words.some((word) => /^\.\S{0,20}\.id$/.test(word)))
    return {hint: `did you mean: ${formatHintLine([...words.slice(0, 2), '-o', 'ids'])}`}; // a jq expression for ids
  if (isListingCommand(path) && beginsWithSqlClause(words.slice(2))) return await suggestCommand(line);
  const program = entered.parent?.parent ?? entered.parent ?? entered;
  const whole = splitWordsAndFlags(argv, [...program.options, ...entered.options]);
  const values = extraWordsHint(argv, whole, entered, path);
  if (values !== undefined) return {hint: values};
  if (/^(?:list|count|top|watch)$/.test(entered.name()))
    return await suggestCommand({...line, words: words.filter((word) => word !== entered.name())});
  const hint = droppedWordsHint(whole, entered, path);
  return hint === undefined ? undefined : {hint};
}

/** Uses the value of `--user` as the missing argument: `settings get --user u42 vip`. */
async function withUserArgument(line: MistypedLine, entered: Command): Promise<Suggestion | undefined> {
  if (!line.flags.some((word) => /^--user(?==|$)/.test(word))) return undefined;
  const path = fullCommandName(entered).replace(/^gatectl ?/, '');
  const {text, words, fits} = await buildSuggestedLine(path, line.words.slice(path.split(' ').length), line);
  const isRead = findCommand(path)?.risk === 'read';
  return fits ? {hint: `did you mean: ${text}`, run: isRead ? words : undefined} : undefined;
}

/** Commands that list the possible arguments of other commands, by the first word of the latter. */
const listingOf: Readonly<Record<string, string>> = {
  ...{context: 'context list', gates: 'gates list', gate: 'gates list', records: 'records list'},
  ...{snapshot: 'snapshot list', sessions: 'sessions list', settings: 'sessions list'},
  ...{send: 'sessions list', bind: 'sessions list', unbind: 'sessions list'},
};

/** Suggests the command that lists the possible values of a missing argument. */
function missingHint(entered: Command): string | undefined {
  const path = fullCommandName(entered).replace(/^gatectl ?/, '');
  if (path === 'records diff') return 'did you mean: gatectl anomalies, or gatectl records diff <uid>';
  const missing = entered.registeredArguments.find(({required}) => required)?.name();
  const listing = listingOf[path.split(' ')[0] ?? ''];
  return listing === undefined || missing === 'args' ? undefined : `to choose one: gatectl ${listing}`;
}

/** Suggests the command for a flag that comes before any command and has the name of one, such as `--latency`. */
async function wordOf({words, ...line}: MistypedLine, unknown: string): Promise<Suggestion | undefined> {
  const [word = ''] = unknown.replace(/^-+/, '').split('=');
  if (!commandsByWord.has(word) && !verbs.has(word)) return undefined;
  return await suggestCommand({...line, words: [word, ...words.filter((one) => one !== unknown)]});
}

/** Suggests the command that an unknown flag stands for, as in `gates info --prometheus`. */
async function loneFlagOf({words, ...line}: MistypedLine, unknown: string): Promise<Suggestion | undefined> {
  const word = unknown.replace(/^-+/, '');
  if (!commandsByWord.has(word)) return undefined;
  const args = words.filter(
    (one) => one !== unknown && findCommand(one) === undefined && !Object.hasOwn(commandNouns, one),
  );
  return await suggestCommand({...line, words: [word, ...args.filter((one) => !verbs.has(one))]});
}

const verbs: ReadonlySet<string> = new Set(catalogue.map(({path}) => path.split(' ').at(-1) ?? ''));

/** Suggests the line with the verb that an unknown flag stands for, as in `gates drain Gate@a1 --resume`. */
async function verbOf(
  {words, ...line}: MistypedLine,
  unknown: string,
  entered: Command,
): Promise<Suggestion | undefined> {
  const noun = entered.parent?.name() ?? '';
  const verb = unknown.replace(/^--?/, '');
  if (!Object.hasOwn(commandNouns, noun)) return undefined;
  const rest = words.slice(2).filter((word) => word !== unknown);
  const first = [entered.name(), noun].find((one) => commandByNounAndWord.has(`${one} ${verb}`)) ?? noun;
  const isVerb = findCommand(`${noun} ${verb}`) !== undefined || commandByNounAndWord.has(`${first} ${verb}`);
  return isVerb ? await suggestCommand({...line, words: [first, verb, ...rest]}) : undefined;
}

/** Suggests another read of the same noun that has the flag, as for `sessions top --sort uid`. */
async function siblingOf(
  {words, ...line}: MistypedLine,
  unknown: string,
  entered: Command,
): Promise<Suggestion | undefined> {
  const noun = words[0] ?? '';
  const [typed = ''] = unknown.split('=');
  const names = [typed, ...(flagSynonyms[typed] ?? '').split(' ')];
  if (findCommand(`${noun} ${entered.name()}`)?.risk !== 'read') return undefined;
  for (const {path, risk, load} of catalogue) {
    if (risk !== 'read' || !path.startsWith(`${noun} `)) continue;
    const sibling = new Command();
    (await load()).declare(sibling);
    if (sibling.options.some(({long}) => names.includes(long ?? '-')))
      return await suggestCommand({...line, words: [...path.split(' '), ...words.slice(2)]});
  }
  return undefined;
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
  return `did you mean: ${formatHintLine(line)}`;
}

/** Returns the flag in commander's message about an unknown option, including a value after `=`; empty if there is none. */
export const unknownOptionIn = (message: string): string =>
  /unknown option '(.*?)'(?:\n|$)/s.exec(message)?.[1] ?? '';
