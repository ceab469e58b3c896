import {closestMatch} from '../../../base/closest-match.js';
import {catalogue, commandAt} from '../../catalogue.js';
import {nouns} from '../../command-identity.js';
import {follows} from './flag-equivalents.js';
import {guessedCommands, guessedOfNoun} from './guessed-words.js';
import {listFlagHint} from './list-file.js';
import {nounMeant} from './noun-meant.js';
import {type MistypedLine, withoutForeignForms} from './other-tools.js';
import {pasteable} from './pasteable.js';

const maxSuggestions = 3;
/** Minimum length of a word for suggesting a write that differs by more than one letter: `fend` must not suggest `send`. */
const longWord = 6;

/**
 * Returns a hint with the commands that a line with an unknown command may mean, most likely first, with the arguments and flags
 * of the line: for `find u42`, `gatectl sessions find u42`. Lists the flags that a command lacks. Returns undefined if the line
 * resembles no command.
 */
export async function suggestionHint(line: MistypedLine): Promise<string | undefined> {
  const {words, flags} = withoutForeignForms(line);
  const {paths, args, mustFit = false} = commandsMeant(words);
  const list = listHint(paths[0] ?? '', args, flags);
  if (list !== undefined) return list;
  const lines = await Promise.all(paths.map((path) => pasteable(path, args, flags)));
  const fitting = lines.filter(({fits}) => fits);
  const shown = fitting.length > 0 || mustFit ? fitting : lines;
  const fewest = Math.min(...shown.map(({leftOut}) => leftOut.length));
  const kept = shown.filter(({leftOut}) => leftOut.length === fewest);
  if (kept.length === 0) return undefined;
  const texts = [...new Set(kept.map(({text}) => text))].slice(0, maxSuggestions);
  const leftOut = [...new Set(kept.flatMap((one) => one.leftOut))];
  const note = leftOut.length === 0 ? '' : ` (left out: ${leftOut.join(' ')})`;
  return `did you mean: ${texts.join(', or ')}${note}`;
}

/** Returns the hint for a flag that gives a file of targets, as in `kick -f uids.txt`; otherwise undefined. */
function listHint(path: string, args: readonly string[], flags: readonly string[]): string | undefined {
  const flag = args.find((word) => /^-./.test(word));
  return flag === undefined ? undefined : listFlagHint([...path.split(' '), ...args, ...flags], flag, path);
}

interface Meant {
  readonly paths: readonly string[];
  readonly args: readonly string[];
  /** Whether to suggest only commands that take these arguments. */
  readonly mustFit?: boolean;
}

/** Verbs that mean `list` when no target follows, as in `get sessions`. */
const listWords: ReadonlySet<string> = new Set(['get', 'show', 'describe', 'view', 'ls']);

function commandsMeant([first = '', second, ...rest]: readonly string[]): Meant {
  const after = second === undefined ? [] : [second, ...rest];
  const noun = nounMeant(first) ?? (second !== undefined && isKnown(second) ? similarNoun(first) : undefined);
  const isNoun = Object.hasOwn(nouns, first) || noun === `${first}s` || !isKnown(first);
  const isVerb = second !== undefined && (isKnown(second) || guessedOfNoun.has(`${noun} ${second}`));
  if (noun !== undefined && (isNoun || isVerb)) return commandsOfNoun(noun, after);
  const object = second === undefined ? undefined : nounMeant(second);
  if (object !== undefined && isKnown(first))
    return commandsOfNoun(object, [listWords.has(first) && !isWord(rest[0]) ? 'list' : first, ...rest]);
  const exact = exactCommands(first);
  const paths = exact.length > 0 ? exact : similarCommands(first);
  const isOfUser = (path: string): boolean => !/^(gates|context) /.test(path);
  const ofUsers = paths.filter(isOfUser);
  if (first === 'diff' && /\.(?:jsonl?|gz)$/.test(second ?? ''))
    return {paths: ['snapshot diff'], args: after};
  if (second === undefined || ofUsers.length === 0) return {paths, args: after};
  const ofGates = paths.filter((path) => path.startsWith('gates '));
  const isGate = ofGates.length > 0 && /^\w+@[^/]+$/.test(second);
  return {paths: isGate ? ofGates : ofUsers, args: after};
}

const isWord = (word: string | undefined): boolean => word !== undefined && !word.startsWith('-');

const similarNoun = (word: string): string | undefined =>
  isKnown(word) ? undefined : closestMatch(word, Object.keys(nouns));

/** Returns the commands of a noun that the next word may mean. A word that resembles no verb is an argument. */
function commandsOfNoun(noun: string, words: readonly string[]): Meant {
  const own = catalogue
    .map(({path}) => path)
    .filter((path) => path.startsWith(`${noun} `) || (noun === 'gate' && path.startsWith('gates ')));
  const [word, ...args] = words;
  if (word === undefined || !isWord(word)) return {paths: own.slice(0, 1), args: words};
  const meant = guessedOfNoun.get(`${noun} ${word}`);
  if (meant !== undefined) return {paths: meant.split(', '), args};
  const isList = noun === 'sessions' && (word === 'list' || listWords.has(word));
  if (isList && args.some((arg) => follows.has(arg))) return {paths: ['sessions watch'], args};
  if (isList && args.filter(isWord).length === 2 && args.every(isWord))
    return {paths: ['settings get'], args};
  const exact = exactCommands(word);
  const ofNoun = exact.filter((path) => own.includes(path));
  const paths = [ofNoun, exact, similarCommands(word, own)].find((some) => some.length > 0);
  return paths === undefined
    ? {paths: own.filter((path) => /(find|get|info)$|^settings list$/.test(path)), args: words, mustFit: true}
    : {paths, args};
}

const isKnown = (word: string): boolean => exactCommands(word).length > 0;

/** Returns the commands whose verb is this word, and those that the word means in other tools. */
function exactCommands(word: string): readonly string[] {
  const verbs = catalogue.filter(({path}) => path === word || path.endsWith(` ${word}`));
  return [...new Set([...verbs.map(({path}) => path), ...(guessedCommands.get(word) ?? [])])];
}

/** Returns the commands with the most similar word. A write must be more similar than a read. */
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
