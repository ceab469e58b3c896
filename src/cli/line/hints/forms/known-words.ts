import {closestMatch} from '../../../../base/closest-match.js';
import {catalogue, findCommand} from '../../../catalogue.js';
import {commandNouns} from '../../../command-identity.js';
import {nounOfSynonym} from '../noun-synonyms.js';
import {guessableReadPattern, suggestedPath, versionFlag} from '../suggested-line.js';
import {
  commandByNounAndWord,
  commandsByWord,
  genericReadVerbs,
  listSynonyms,
  verbByGateState,
} from '../synonyms.js';

/** Whether the word is not a noun, and means only read commands, of gatectl or of another tool. */
export const isLoneWord = (word: string): boolean => {
  const paths = nounOfSynonym(word) === undefined ? exactCommands(word) : [];
  return (
    paths.length > 0 &&
    paths.every((path) => path === versionFlag || findCommand(suggestedPath(path))?.risk === 'read')
  );
};

export const unflagged = (word: string): string => word.replace(/^--(?=[a-z])/, '');

export const similarNoun = (word: string): string | undefined =>
  isKnown(word) ? undefined : closestMatch(word, Object.keys(commandNouns));

/** Whether a word is a verb of the noun, here or in another tool: `context prod use`. */
export const isVerbOf = (noun: string, word: string): boolean =>
  findCommand(`${noun} ${word}`) !== undefined ||
  commandByNounAndWord.has(`${noun} ${word}`) ||
  (noun === 'sessions' && !guessableReadPattern.test(word) && findCommand(word)?.risk === 'write');

/** Whether a flag stands for the verb of a read command, as in `sessions --duplicates`. */
const isReadFlag = (noun: string, word: string): boolean =>
  word.startsWith('--') &&
  !/^--(?:settings?|query)$/.test(word) && // it selects
  (commandByNounAndWord.get(`${noun} ${word.slice(2)}`) ?? '-')
    .split(', ')
    .every((path) => findCommand(suggestedPath(path))?.risk === 'read');

export const isKnown = (word: string): boolean => exactCommands(word).length > 0;

/** Whether a part of a word such as `kick-user` is a verb, or a noun of one. */
export const isPartKnown = (part: string): boolean => isKnown(part) || genericReadVerbs.has(part);

/** Returns the commands whose verb is this word, and those that the word means in other tools. */
export function exactCommands(word: string): readonly string[] {
  if (word === 'version') return [versionFlag];
  const verbs = catalogue.filter(({path}) => path === word || path.endsWith(` ${word}`));
  return [...new Set([...verbs.map(({path}) => path), ...(commandsByWord.get(word) ?? [])])];
}

/** The commands that a line may mean, and their arguments. */
export interface Meant {
  readonly paths: readonly string[];
  readonly args: readonly string[];
  /** Whether to suggest only commands that take these arguments. */
  readonly mustFit?: boolean;
  /** Whether the words are known, rather than similar to known ones. */
  readonly isExact?: boolean;
  /** Whether the words are the command's own, in another order or number. */
  readonly isOwn?: boolean;
}

export const isGateId = (word = ''): boolean => /^\w+@[^/]+$/.test(word);

export const isWord = (word: string | undefined): boolean => word !== undefined && !word.startsWith('-');

/** Returns the command of a noun that a flag or a state stands for: `gates update X --drain`, `records set u42 --ttl 1h`. */
export function meantByFlag(noun: string, words: readonly string[]): Meant | undefined {
  const state = /^gates?$/.test(noun)
    ? words.slice(1).find((word) => Object.hasOwn(verbByGateState, word))
    : undefined;
  if (state !== undefined) return {paths: [`gates ${verbByGateState[state]}`], args: words.filter(isGateId)};
  const ttlFlag =
    noun === 'records'
      ? words.find((word) => /^--(?:ttl|ex|expiry|expires?(?:-in)?)$/.test(word))
      : undefined;
  if (ttlFlag !== undefined)
    return {paths: ['records expire'], args: words.slice(1).filter((word) => word !== ttlFlag)};
  const byFlag = words.find((word) => isReadFlag(noun, word));
  if (byFlag === undefined) return undefined;
  return {
    paths: (commandByNounAndWord.get(`${noun} ${byFlag.slice(2)}`) ?? '').split(', '),
    args: words.filter((word) => word !== byFlag && !listSynonyms.has(word) && word !== 'list'),
    isExact: true,
  };
}
