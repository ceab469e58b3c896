import {closestMatch} from '../../../base/closest-match.js';
import {catalogue, findCommand} from '../../catalogue.js';
import {commandNouns} from '../../command-identity.js';
import {acknowledgementFlag, followFlags} from './flag-equivalents.js';
import {nounOfSynonym} from './noun-synonyms.js';
import {type MistypedLine, translateForeignLine} from './other-tools.js';
import {translateSqlClauses} from './sql-clauses.js';
import {
  areFiniteReads,
  asksForConfirmation,
  buildSuggestedLine,
  finiteReadPath,
  suggestedPath,
  versionFlag,
} from './suggested-line.js';
import {
  commandByNounAndWord,
  commandsByNoun,
  commandsByWord,
  genericReadVerbs,
  listSynonyms,
  verbByGateState,
  verbSynonyms,
} from './synonyms.js';
import {targetListFlagHint} from './target-list-hints.js';

const maxSuggestions = 3;
/** Minimum length of a word for suggesting a write that differs by more than one letter: `fend` must not suggest `send`. */
const longWord = 6;

export interface Suggestion {
  readonly hint: string;
  /** The line to run instead of the typed one. */
  readonly run?: readonly string[] | undefined;
  /** Other lines that it may mean, as texts. */
  readonly others?: readonly string[] | undefined;
}

/**
 * Returns the hint with the commands that a line with an unknown command may mean, the likeliest first, with the line's own
 * arguments and flags: `find u42` becomes `gatectl sessions find u42`. Names the flags that a command lacks. A line of known
 * words that reads is to be run; one that writes only if its words name the command itself. Undefined if the line resembles
 * no command.
 */
export async function suggestCommand(line: MistypedLine): Promise<Suggestion | undefined> {
  const {words, ...given} = translateForeignLine(line);
  const meant = commandsMeant(words);
  const setting = settingMeant(meant, given.flags);
  const {paths, args, mustFit = false, isExact = false, isOwn = false} = setting?.meant ?? meant;
  const rest = {...given, flags: setting?.flags ?? given.flags};
  const isTyped = words[0] === line.words[0]?.toLowerCase();
  const list = listHint(paths[0] ?? '', args, rest);
  if (list !== undefined) return {hint: list};
  const lines = await Promise.all(paths.map((path) => buildSuggestedLine(path, args, rest)));
  const fitting = lines.filter(({fits}) => fits);
  const isBare = args.length === 0 && !mustFit; // a command without its arguments may still be the right one
  const others = lines.filter(({fits}) => !fits);
  const shown = !isBare && (fitting.length > 0 || mustFit) ? fitting : [...fitting, ...others];
  const fewest = Math.min(...shown.map(({leftOut}) => leftOut.length));
  const kept = shown.filter(({leftOut}) => leftOut.length === fewest);
  const [first] = kept;
  if (first === undefined) return undefined;
  const texts = [...new Set(kept.map(({text}) => text))].slice(0, maxSuggestions);
  const leftOut = [...new Set(kept.flatMap((one) => one.leftOut))];
  const note = leftOut.length === 0 ? '' : ` (left out: ${leftOut.join(' ')})`;
  const hint = `did you mean: ${texts.join(', or ')}${note}`;
  const [path = ''] = paths;
  const isWrite = findCommand(path)?.risk !== 'read' || !finiteReadPath.test(path);
  if (isOwn && isWrite && isTyped) return {hint, run: [...path.split(' '), ...args, ...rest.flags]};
  const runnable = fitting.filter(({leftOut: some}) => some.length === 0);
  const [likeliest] = isExact ? runnable : [];
  const isAsked = rest.isConfirmed !== true && asksForConfirmation(runnable, rest.flags);
  const isSure = likeliest !== undefined && (areFiniteReads(runnable) || isAsked);
  const also = runnable.slice(1, maxSuggestions).map(({text}) => text);
  return isSure ? {hint, run: likeliest.words, others: also} : {hint};
}

/** Converts a template that reads one setting to `settings get`: `get user u42 -o jsonpath={.settings.vip}`. */
function settingMeant(
  {paths, args}: Meant,
  flags: readonly string[],
): {readonly meant: Meant; readonly flags: readonly string[]} | undefined {
  const at = flags.findIndex((word) => /[{.]settings\.[\w-]+/.test(word));
  const [, key] = /settings\.([\w-]+)\W{0,9}$/.exec(flags[at] ?? '') ?? [];
  const isOfOne = /^sessions (?:find|get|list)$/.test(paths[0] ?? '') && args.length === 1;
  if (key === undefined || !isOfOne) return undefined;
  const from = flags[at]?.startsWith('-') === true ? at : at - 1;
  return {
    meant: {paths: ['settings get'], args: [...args, key], isExact: true},
    flags: flags.toSpliced(Math.max(0, from), at - from + 1),
  };
}

export const suggestedCommandHint = async (line: MistypedLine): Promise<string | undefined> =>
  (await suggestCommand(line))?.hint;

/** Returns the hint for a flag that gives a file of targets, as in `kick -f uids.txt`; otherwise undefined. */
function listHint(
  path: string,
  args: readonly string[],
  {flags, canAsk}: Omit<MistypedLine, 'words'>,
): string | undefined {
  const flag = args.find((word) => /^-./.test(word));
  if (flag === undefined) return undefined;
  return targetListFlagHint([...path.split(' '), ...args, ...flags], flag, path, canAsk);
}

interface Meant {
  readonly paths: readonly string[];
  readonly args: readonly string[];
  /** Whether to suggest only commands that take these arguments. */
  readonly mustFit?: boolean;
  /** Whether the words are known, rather than similar to known ones. */
  readonly isExact?: boolean;
  /** Whether the words are the command's own, in another order or number. */
  readonly isOwn?: boolean;
}

/** Matches more hex bytes than a session id has. */
const longHex = /^(?:0x)?(?:[\da-f]{2}){17,}$/i;

function commandsMeant(words: readonly string[]): Meant {
  const [first = '', second, ...rest] = words;
  const after = withoutLabel(words.slice(1));
  const bytes = words.find((word) => longHex.test(word));
  const mayDecode = bytes === first || genericReadVerbs.has(first) || exactCommands(first).includes('decode');
  if (bytes !== undefined && mayDecode) return {paths: ['decode'], args: [bytes], isExact: true};
  if (messageWords.has(first) && isKnown(second ?? '')) return commandsMeant(words.slice(1));
  const phrase = commandByNounAndWord.get(`${first} ${unflagged(second ?? '')}`);
  if (phrase !== undefined) return {paths: phrase.split(', '), args: withoutLabel(rest), isExact: true};
  const isOfRead =
    second !== undefined &&
    genericReadVerbs.has(first) &&
    isLoneWord(second) &&
    !beginsWithSqlClause(words.slice(1));
  const ofAny = second === undefined || isOfRead ? undefined : commandByNounAndWord.get(`${first} *`);
  if (ofAny !== undefined) return {paths: ofAny.split(', '), args: after, isExact: true};
  const byNoun = nounFirst(words, after) ?? nounSecond(words);
  if (byNoun !== undefined) return byNoun;
  if (isOfRead) return {paths: exactCommands(second), args: rest, isExact: true};
  if (first === 'get' && after.length === 2 && after.every(isWord))
    return {paths: ['settings get'], args: after, isExact: true};
  return commandsOfVerb(first, after);
}

/** Returns the commands of a line that begins with a noun. */
function nounFirst([first = '', second]: readonly string[], after: readonly string[]): Meant | undefined {
  const exactNoun = nounOfSynonym(first);
  const noun = exactNoun ?? (second !== undefined && isKnown(second) ? similarNoun(first) : undefined);
  const isNoun = Object.hasOwn(commandNouns, first) || noun === `${first}s` || !isKnown(first);
  const hasVerb =
    second !== undefined &&
    (isKnown(unflagged(second)) || commandByNounAndWord.has(`${noun} ${unflagged(second)}`));
  if (noun === undefined || (!isNoun && !hasVerb)) return undefined;
  const meant = commandsOfNoun(noun, after);
  return exactNoun === undefined ? {...meant, isExact: false, isOwn: false} : meant;
}

/** Returns the commands of a line whose second word is a noun: `kick user u42`. */
function nounSecond([first = '', second = '', ...rest]: readonly string[]): Meant | undefined {
  const object = nounOfSynonym(second);
  const isGuessed = commandByNounAndWord.has(`${object} ${first}`);
  const isListing = listSynonyms.has(first) && !isWord(rest[0]) && !isGuessed;
  if (object === undefined || (!isKnown(first) && !isGuessed)) return undefined;
  return commandsOfNoun(object, [isListing ? 'list' : first, ...rest]);
}

/** Returns the commands of a line without a noun. */
function commandsOfVerb(first: string, after: readonly string[]): Meant {
  const [second] = after;
  const special = messageToAcknowledge(first, after) ?? changeOfUid(first, after);
  if (special !== undefined) return special;
  const gate = [first, ...after].find(isGateId);
  if (gate !== undefined && !isKnown(first)) return ofGateMeant(gate, [first, ...after]);
  const exact = exactCommands(first);
  const paths = exact.length > 0 ? exact : similarCommands(first);
  const isExact = exact.length > 0;
  const ofUsers = paths.filter((path) => !/^(gates|context) /.test(path));
  if (first === 'diff' && second === undefined)
    return {paths: ['anomalies', 'records diff', 'snapshot diff'], args: []};
  if (first === 'diff' && /\.(?:jsonl?|gz)$/.test(second ?? ''))
    return {paths: ['snapshot diff'], args: after};
  const [only = ''] = exact;
  const isMany = after.filter(isWord).length > 1;
  if (only === 'records delete' && isMany)
    return {paths: ['settings unset', 'records delete'], args: after, isExact};
  const isOwn = exact.length === 1 && standaloneVerbs.has(only) && only.endsWith(` ${first}`);
  if (second === undefined || ofUsers.length === 0) return {paths, args: after, isExact, isOwn};
  const ofGates = paths.filter((path) => path.startsWith('gates '));
  const isGate = ofGates.length > 0 && isGateId(second);
  const ofGate = isGateId(second) ? commandByNounAndWord.get(`gates ${first}`) : undefined;
  if (ofGate !== undefined && !isGate && !isOwn) return {paths: ofGate.split(', '), args: after, isExact};
  return {paths: isGate ? ofGates : ofUsers, args: after, isExact, isOwn};
}

/** Returns the command that waits for acknowledgements: `publish /news hello --ack` is a `send` with QoS 1. */
function messageToAcknowledge(first: string, after: readonly string[]): Meant | undefined {
  const isMessage = exactCommands(first).some((path) => path === 'send' || path === 'broadcast');
  const args = after.filter((word) => !acknowledgementFlag.test(word));
  if (!isMessage || args.length === after.length) return undefined;
  const isToAll = args.every(isWord) && args.length === 2;
  return {paths: ['send'], args: [...args, '--qos', '1', ...(isToAll ? ['--all'] : [])]};
}

/** Returns the command for a uid that is written like a setting: `set X uid u42`, `unset X uid`. */
function changeOfUid(first: string, [target = '', key = '', value]: readonly string[]): Meant | undefined {
  const meant = exactCommands(first);
  const uid = key === 'uid' ? value : /^uid=(.+)$/.exec(key)?.[1];
  if (meant.includes('settings set') && uid !== undefined) return {paths: ['bind'], args: [target, uid]};
  const isUnset = meant.includes('settings unset') && key === 'uid' && value === undefined;
  return isUnset ? {paths: ['unbind'], args: [target]} : undefined;
}

/** Writes whose verb is unique, so that it works without a noun: `kick X`. */
const standaloneVerbs: ReadonlySet<string> = new Set([
  ...['sessions kick', 'settings unset', 'records delete', 'gates drain', 'gates resume', 'context use'],
]);

/** Nouns before a verb, which are ignored: `message send`, `kv put`. */
const messageWords: ReadonlySet<string> = new Set(['message', 'messages', 'msg', 'kv']);

/** Removes the label of a target: `kick user u42` becomes `kick u42`. */
const withoutLabel = (args: readonly string[]): readonly string[] =>
  args.length > 1 && isWord(args[1]) && targetLabels.has(args[0]?.toLowerCase() ?? '') ? args.slice(1) : args;

const targetLabels: ReadonlySet<string> = new Set(['id', 'user', 'uid', 'session', 'client', 'player']);

const isGateId = (word = ''): boolean => /^\w+@[^/]+$/.test(word);

/** Returns the gate commands for a line with an unknown first word: those that any of its words means, or the common ones. */
function ofGateMeant(gate: string, words: readonly string[]): Meant {
  const meant = words.flatMap((word) => commandByNounAndWord.get(`gates ${word}`) ?? []);
  const paths = meant[0]?.split(', ') ?? ['gates info', 'gates drain', 'gates resume'];
  return {paths, args: [gate]};
}

/** Whether the word is not a noun, and means only read commands, of gatectl or of another tool. */
const isLoneWord = (word: string): boolean => {
  const paths = nounOfSynonym(word) === undefined ? exactCommands(word) : [];
  return (
    paths.length > 0 &&
    paths.every((path) => path === versionFlag || findCommand(suggestedPath(path))?.risk === 'read')
  );
};

const unflagged = (word: string): string => word.replace(/^--(?=[a-z])/, '');

const isWord = (word: string | undefined): boolean => word !== undefined && !word.startsWith('-');

const similarNoun = (word: string): string | undefined =>
  isKnown(word) ? undefined : closestMatch(word, Object.keys(commandNouns));

/** Returns the commands of a noun that the next word may mean. A word that resembles no verb is an argument. */
function commandsOfNoun(noun: string, words: readonly string[]): Meant {
  const own = catalogue
    .map(({path}) => path)
    .filter((path) => path.startsWith(`${noun} `) || (noun === 'gate' && path.startsWith('gates ')));
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
  if (byFlag !== undefined)
    return {
      paths: (commandByNounAndWord.get(`${noun} ${byFlag.slice(2)}`) ?? '').split(', '),
      args: words.filter((word) => word !== byFlag && !listSynonyms.has(word) && word !== 'list'),
      isExact: true,
    };
  const [typed, ...others] = words;
  const args = withoutLabel(others);
  const word = typed === undefined ? undefined : (verbSynonyms[unflagged(typed)] ?? unflagged(typed));
  if (word === undefined)
    return {
      paths: commandsByNoun[noun] ?? own.filter((path) => findCommand(path)?.risk === 'read'),
      args: [],
    };
  const meant =
    commandByNounAndWord.get(`${noun} ${word}`) ??
    (noun === 'gate' ? commandByNounAndWord.get(`gates ${word}`) : undefined);
  if (typed?.startsWith('-') === true && meant === undefined && exactCommands(word).length === 0)
    return {paths: own.slice(0, 1), args: words, isExact: true};
  if (meant !== undefined) return {paths: meant.split(', '), args, isExact: true};
  const isList = noun === 'sessions' && (word === 'list' || listSynonyms.has(word));
  if (isList && args.some((arg) => followFlags.has(arg)))
    return {paths: ['sessions watch'], args, isExact: true};
  if (isList && args.filter(isWord).length === 2 && args.every(isWord) && !beginsWithSqlClause(args))
    return {paths: ['settings get'], args, isExact: true};
  const ownPath = own.find((one) => one === `${noun} ${word}`);
  const path = ownPath ?? findCommand(word)?.path;
  if (path !== undefined) {
    const isOwn = ownPath !== undefined || noun === 'sessions';
    return {paths: [pathOfUse(path, args)], args, isExact: isOwn, isOwn};
  }
  if (noun === 'sessions' && beginsWithSqlClause(words))
    return {paths: ['sessions list'], args: words, isExact: true};
  const exact = exactCommands(word);
  const ofNoun = exact.filter((one) => own.includes(one));
  const swapped = args[0] !== undefined && isVerbOf(noun, args[0]) && exact.length === 0;
  if (swapped) return commandsOfNoun(noun, [args[0] ?? '', word, ...args.slice(1)]);
  const gate = /^gates?$/.test(noun) && exact.length === 0 ? args.find(isGateId) : undefined;
  if (gate !== undefined && !isGateId(word)) return ofGateMeant(gate, words);
  if (noun === 'audit' && ofNoun.length === 0) return {paths: ['audit list'], args: words};
  const reads = exact.filter((one) => findCommand(suggestedPath(one))?.risk === 'read'); // a write of another noun is not meant
  const paths = [ofNoun, reads, similarCommands(word, own)].find((some) => some.length > 0);
  if (paths !== undefined) return {paths, args, isExact: ofNoun.length > 0 || reads.length > 0};
  return {
    paths: own.filter((one) => /(find|get|info|use)$|^settings list$|^snapshot (?:save|diff)$/.test(one)),
    args: words,
    mustFit: true,
    isExact: /[\d@]/.test(word),
  };
}

/** Whether the first word is a condition or a clause of a listing: `level=7`, `limit 5`. */
export const beginsWithSqlClause = (words: readonly string[]): boolean =>
  translateSqlClauses(words)[0]?.startsWith('--') === true;

/** Returns `sessions find` or `gates info` for a listing with an argument; any other path unchanged. */
function pathOfUse(path: string, args: readonly string[]): string {
  if (path === 'gates list' && isWord(args[0])) return 'gates info';
  return path === 'sessions list' && isWord(args[0]) && !beginsWithSqlClause(args) ? 'sessions find' : path;
}

/** Whether a word is a verb of the noun, here or in another tool: `context prod use`. */
const isVerbOf = (noun: string, word: string): boolean =>
  findCommand(`${noun} ${word}`) !== undefined || commandByNounAndWord.has(`${noun} ${word}`);

/** Whether a flag stands for the verb of a read command, as in `sessions --duplicates`. */
const isReadFlag = (noun: string, word: string): boolean =>
  word.startsWith('--') &&
  !/^--settings?$/.test(word) && // it selects
  (commandByNounAndWord.get(`${noun} ${word.slice(2)}`) ?? '-')
    .split(', ')
    .every((path) => findCommand(suggestedPath(path))?.risk === 'read');

const isKnown = (word: string): boolean => exactCommands(word).length > 0;

/** Returns the commands whose verb is this word, and those that the word means in other tools. */
function exactCommands(word: string): readonly string[] {
  if (word === 'version') return [versionFlag];
  const verbs = catalogue.filter(({path}) => path === word || path.endsWith(` ${word}`));
  return [...new Set([...verbs.map(({path}) => path), ...(commandsByWord.get(word) ?? [])])];
}

/** Returns the commands with the most similar word. A write must be more similar than a read. */
function similarCommands(word: string, own?: readonly string[]): readonly string[] {
  const paths = own ?? catalogue.map(({path}) => path);
  const known = [...new Set(paths.map((path) => path.split(' ').at(-1) ?? ''))];
  const guessed = own === undefined ? [...commandsByWord.keys(), ...Object.keys(commandNouns)] : [];
  const best = closestMatch(word, [...known, ...guessed]);
  if (best === undefined) return [];
  if (Object.hasOwn(commandNouns, best)) return commandsOfNoun(best, []).paths;
  const meant = exactCommands(best).filter((path) => own === undefined || own.includes(path));
  const reads = meant.filter(
    (path) => path === versionFlag || findCommand(suggestedPath(path))?.risk === 'read',
  );
  if (reads.length > 0) return reads;
  const isClose = word.length >= longWord || closestMatch(word, [best], 1) !== undefined;
  return isClose ? meant : [];
}
