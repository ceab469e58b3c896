import {Command, type Option} from 'commander';
import {closestMatch} from '../../../base/closest-match.js';
import {catalogue, commandAt} from '../../catalogue.js';
import {nouns} from '../../command-identity.js';
import {guessedCommands, guessedOfNoun, renamedFlags} from './guessed-words.js';
import {nounMeant} from './noun-meant.js';
import {shownLine} from './shown-line.js';

const maxSuggestions = 3;
/** Below this length of a word, a write is suggested only for one wrong letter: `fend` must not lead to `send` or `bind`. */
const longWord = 6;

/** A line that names no command: its words in order, and the global flags with their values. */
interface MistypedLine {
  readonly words: readonly string[];
  readonly flags: readonly string[];
}

/**
 * Returns the commands that a line with an unknown command may mean, the likeliest first, with the line's own arguments
 * and flags: `find u42` becomes `gatectl sessions find u42`.
 */
export async function suggestCommands({words, flags}: MistypedLine): Promise<readonly string[]> {
  const {paths, args, mustFit = false} = commandsMeant(words);
  const lines = await Promise.all(paths.map((path) => pasteable(path, args, flags)));
  const fitting = lines.filter(({fits}) => fits);
  const shown = fitting.length > 0 || mustFit ? fitting : lines;
  return [...new Set(shown.map(({text}) => text))].slice(0, maxSuggestions);
}

/** Joins suggestions to a hint: `did you mean: gatectl a, or gatectl b`. */
export const suggestionHint = (suggestions: readonly string[]): string =>
  `did you mean: ${suggestions.join(', or ')}`;

interface Meant {
  readonly paths: readonly string[];
  readonly args: readonly string[];
  /** Whether only commands that take these arguments are meant. */
  readonly mustFit?: boolean;
}

/** Reads that mean the listing when no target follows: `get sessions`. */
const listWords: ReadonlySet<string> = new Set(['get', 'show', 'describe', 'view', 'ls']);

function commandsMeant([first = '', second, ...rest]: readonly string[]): Meant {
  const after = second === undefined ? [] : [second, ...rest];
  const noun = nounMeant(first) ?? (second !== undefined && isKnown(second) ? similarNoun(first) : undefined);
  const isNoun = Object.hasOwn(nouns, first) || noun === `${first}s`;
  if (noun !== undefined && (isNoun || second === undefined || isKnown(second)))
    return commandsOfNoun(noun, after);
  const object = second === undefined ? undefined : nounMeant(second);
  if (object !== undefined && isKnown(first))
    return commandsOfNoun(object, [listWords.has(first) && rest.length === 0 ? 'list' : first, ...rest]);
  const exact = exactCommands(first);
  const paths = exact.length > 0 ? exact : similarCommands(first);
  const isOfUser = (path: string): boolean => !/^(gates|context) /.test(path);
  const ofUsers = paths.filter(isOfUser);
  if (second === undefined || ofUsers.length === 0) return {paths, args: after};
  const ofGates = paths.filter((path) => path.startsWith('gates '));
  const isGate = ofGates.length > 0 && /^\w+@[^/]+$/.test(second);
  return {paths: isGate ? ofGates : ofUsers, args: after};
}

const similarNoun = (word: string): string | undefined =>
  isKnown(word) ? undefined : closestMatch(word, Object.keys(nouns));

/** Commands of a noun that the next word may mean; a word that resembles no verb is an argument. */
function commandsOfNoun(noun: string, words: readonly string[]): Meant {
  const own = catalogue
    .map(({path}) => path)
    .filter((path) => path.startsWith(`${noun} `) || (noun === 'gate' && path.startsWith('gates ')));
  const [word, ...args] = words;
  if (word === undefined) return {paths: own.slice(0, 1), args};
  const meant = guessedOfNoun.get(`${noun} ${word}`);
  if (meant !== undefined) return {paths: [meant], args};
  const exact = exactCommands(word);
  const ofNoun = exact.filter((path) => own.includes(path));
  const paths = [ofNoun, exact, similarCommands(word, own)].find((some) => some.length > 0);
  return paths === undefined
    ? {paths: own.filter((path) => /(find|get|info)$|^settings list$/.test(path)), args: words, mustFit: true}
    : {paths, args};
}

const isKnown = (word: string): boolean => exactCommands(word).length > 0;

/** Commands whose verb is the word, and those that the word means in other tools. */
function exactCommands(word: string): readonly string[] {
  const verbs = catalogue.filter(({path}) => path === word || path.endsWith(` ${word}`));
  return [...new Set([...verbs.map(({path}) => path), ...(guessedCommands.get(word) ?? [])])];
}

/** Commands with the most similar word. A write must be closer than a read. */
function similarCommands(word: string, own?: readonly string[]): readonly string[] {
  const paths = own ?? catalogue.map(({path}) => path);
  const known = [...new Set(paths.map((path) => path.split(' ').at(-1) ?? ''))];
  const guessed = own === undefined ? [...guessedCommands.keys(), ...Object.keys(nouns)] : [];
  const best = closestMatch(word, [...known, ...guessed]);
  if (best === undefined) return [];
  if (Object.hasOwn(nouns, best)) return commandsOfNoun(best, []).paths;
  const meant = exactCommands(best).filter((path) => own === undefined || own.includes(path));
  const reads = meant.filter((path) => commandAt(path)?.risk === 'read');
  if (reads.length > 0) return reads;
  const isClose = word.length >= longWord || closestMatch(word, [best], 1) !== undefined;
  return isClose ? meant : [];
}

interface Pasteable {
  readonly text: string;
  /** Whether the command takes this number of arguments. */
  readonly fits: boolean;
}

/** Writes a command with the arguments and flags of a mistyped line, up to the first flag that it does not have. */
async function pasteable(
  meant: string,
  given: readonly string[],
  flags: readonly string[],
): Promise<Pasteable> {
  const path = meant === 'sessions get' && isUid(given[0]) ? 'sessions find' : meant;
  const command = new Command();
  await commandAt(path)
    ?.load()
    .then((verb) => verb.declare(command));
  const ourFlags = given.map((word) => renamedFor(command, word));
  const {words, flags: own} = splitFlags(unflagArguments(ourFlags, command), command.options);
  const unknown = words.findIndex((word) => word.length > 1 && word.startsWith('-'));
  const typed = unknown < 0 ? words : words.slice(0, unknown);
  const rest = unknown < 0 ? userFlags(command, typed, flags) : [];
  const args = own.some((word) => selectionFlags.has(word)) ? typed : targetWords(command, typed);
  const line = shownArguments(path, args, [...own, ...rest]);
  const required = flags.includes('--help') ? [] : requiredWords(command).slice(typed.length);
  const places = required.filter((word) => !line.includes(` ${word} `));
  const {registeredArguments} = command;
  const isMany = registeredArguments.at(-1)?.variadic === true;
  return {
    text: [line, ...places].join(' '),
    fits: places.length === 0 && (isMany || typed.length <= registeredArguments.length),
  };
}

/** Returns our name of another tool's flag, if the command has it. */
function renamedFor(command: Command, word: string): string {
  const [name = ''] = word.split('=', 1);
  const ours = Object.hasOwn(renamedFlags, name) ? renamedFlags[name] : undefined;
  const has = command.options.some(({long}) => long === ours);
  return ours !== undefined && has ? `${ours}${word.slice(name.length)}` : word;
}

/** Takes `--user` for the uid of the client where a command without a target selects by it; it is the user of NATS. */
const userFlags = (
  command: Command,
  words: readonly string[],
  flags: readonly string[],
): readonly string[] =>
  words.length === 0 && command.options.some(({long}) => long === '--uid')
    ? flags.map((word) => word.replace(/^--user(?==|$)/, '--uid'))
    : flags;

/** Flags that select the sessions of a write, so that no word names one. */
const selectionFlags: ReadonlySet<string> = new Set(
  ['all', 'where', 'gate', 'uid', 'guest', 'network', 'ip', 'setting', 'older-than', 'idle', 'target'].map(
    (name) => `--${name}`,
  ),
);

/**
 * Formats the suggested line. If the topic of a `send` or `broadcast` is missing, inserts `<topic>`: a single argument is
 * taken as the body unless it contains a slash.
 */
function shownArguments(path: string, args: readonly string[], flags: readonly string[]): string {
  const isToOne = path === 'send' && !flags.some((word) => selectionFlags.has(word));
  const before = args.slice(0, isToOne ? 1 : 0);
  const [body, ...more] = args.slice(before.length);
  const lacksTopic = body !== undefined && more.length === 0 && !body.includes('/');
  if (!lacksTopic || !['send', 'broadcast'].includes(path))
    return shownLine([...path.split(' '), ...args, ...flags]);
  const end = shownLine([body, ...flags]).replace(/^gatectl /, '');
  return `${shownLine([...path.split(' '), ...before])} <topic> ${end}`;
}

/** Removes flags that are named like an argument, so that their values are arguments: `--uid u42` of `find`. */
export function unflagArguments(words: readonly string[], command: Command): readonly string[] {
  const names = new Set(command.registeredArguments.map((argument) => `--${argument.name()}`));
  for (const {long} of command.options) names.delete(long ?? '');
  return words.flatMap((word) => {
    const [name = '', ...value] = word.split('=');
    if (!names.has(name)) return [word];
    return value.length === 0 ? [] : [value.join('=')];
  });
}

/** Returns what a command requires, as its help writes it: `<session>`, `<topic>`. */
function requiredWords(command: Command): readonly string[] {
  const [named = ''] = command.usage().split(' | '); // the form with a named session comes first
  return named.replaceAll(/\[[^\]]*\]/g, '').match(/<[^>]+>/g) ?? [];
}

/** Writes a uid as a target where a command expects a session. */
function targetWords(command: Command, words: readonly string[]): readonly string[] {
  const [first = '', ...rest] = words;
  const isSession = /^<?\[?session/.test(command.usage().replace('[options] ', ''));
  return isSession && isUid(first) ? [`uid:${first}`, ...rest] : words;
}

/** Whether a word is more likely a uid than a session id, or the first characters of one. */
const isUid = (word = ''): boolean =>
  word !== '' && !/\/|^uid:/.test(word) && (!/^[0-9a-f]{6,32}$/.test(word) || /^\d{1,13}$/.test(word));

/** Splits known flags, with their values, from the other words. */
export function splitFlags(line: readonly string[], options: readonly Option[]): MistypedLine {
  const words: string[] = [];
  const flags: string[] = [];
  let isValue = false;
  for (const word of line) {
    const [name = ''] = word.split('=', 1);
    const option = options.find(
      ({long, short}) =>
        long === name || (short !== undefined && /^-\w/.test(word) && word.startsWith(short)),
    );
    (isValue || option !== undefined ? flags : words).push(word);
    isValue = !isValue && option?.required === true && (word === option.long || word === option.short);
  }
  return {words, flags};
}
