import {closestMatch} from '../../../base/closest-match.js';
import {catalogue, findCommand} from '../../catalogue.js';
import {commandNouns} from '../../command-identity.js';
import {acknowledgementFlag, followFlags} from './flag-equivalents.js';
import {alternatives, hintEnd} from './forms/alternatives.js';
import {
  exactCommands,
  isGateId,
  isKnown,
  isLoneWord,
  isPartKnown,
  isVerbOf,
  isWord,
  type Meant,
  meantByFlag,
  similarNoun,
  unflagged,
} from './forms/known-words.js';
import {type MistypedLine, translateForeignLine} from './forms/other-tools.js';
import {settingOfTemplate} from './forms/setting-template.js';
import {splitCompounds} from './forms/spoken-line.js';
import {nounOfSynonym} from './noun-synonyms.js';
import {beginsWithSqlClause} from './sql-clauses.js';
import {
  areFiniteReads,
  asksForConfirmation,
  buildSuggestedLine,
  guessableReadPattern,
  suggestedPath,
  versionFlag,
} from './suggested-line.js';
import {
  commandByNounAndWord,
  commandsByNoun,
  commandsByWord,
  genericReadVerbs,
  listSynonyms,
  verbSynonyms,
} from './synonyms.js';
import {targetListFlagHint} from './target-list-hints.js';
import {plainTargets} from './values/target-words.js';

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
  const {words, ...given} = translateForeignLine({...line, words: splitCompounds(line.words, isPartKnown)});
  const meant = commandsMeant(words);
  const setting = settingOfTemplate(meant, given.flags);
  const {paths, args, mustFit = false, isExact = false, isOwn = false} = setting?.meant ?? meant;
  const rest = {...given, flags: setting?.flags ?? given.flags};
  const typed = line.words.map((word) => word.toLowerCase());
  const isTyped = words[0] === typed[0] && typed.includes(paths[0]?.split(' ').at(-1) ?? '');
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
  const hint = `did you mean: ${texts.join(', or ')}${note}${hintEnd(paths, leftOut)}`;
  const [path = ''] = paths;
  const isWrite = findCommand(path)?.risk !== 'read' || !guessableReadPattern.test(path);
  const runsUnasked = findCommand(path)?.risk === 'write';
  const isSelection = path === 'context use' && typed.includes('use-context') && args.length === 1;
  if (((isOwn && isTyped) || isSelection) && isWrite && !runsUnasked) {
    const run = [...path.split(' '), ...plainTargets(path, args), ...rest.flags];
    return {hint, run};
  }
  const runnable = fitting.filter(({leftOut: some}) => some.length === 0);
  const [likeliest] = isExact ? runnable : [];
  const isAsked = rest.isConfirmed !== true && asksForConfirmation(runnable, rest.flags);
  const isSure = likeliest !== undefined && (areFiniteReads(runnable) || isAsked);
  const also = [
    ...runnable.slice(1, maxSuggestions).map(({text}) => text),
    ...alternatives(typed, likeliest?.text ?? ''),
  ];
  return isSure ? {hint, run: likeliest.words, others: also} : {hint};
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
  if (isNested(words)) return commandsMeant(words.slice(1));
  if (isNested(words.slice(1))) return commandsMeant(words.toSpliced(1, 1));
  const byNoun = nounFirst(words, after) ?? nounSecond(words);
  if (byNoun !== undefined) return byNoun;
  if (isOfRead) return {paths: exactCommands(second), args: rest, isExact: true};
  if (first === 'get' && after.length === 2 && after.every(isWord))
    return {paths: ['settings get'], args: after, isExact: true};
  return targetFirst(first, after) ?? commandsOfVerb(first, after);
}

/** Whether a noun of sessions only says whose settings or record the rest is about: `user settings set u42 vip=1`. */
const isNested = ([first = '', second = '', third]: readonly string[]): boolean =>
  nounOfSynonym(first) === 'sessions' &&
  /^(?:settings|records)$/.test(nounOfSynonym(second) ?? '') &&
  third !== undefined;

/** Returns the commands of a line that begins with its target: `u42`, `u42 vip=1`, `5f0084b6`, `level=7`. */
function targetFirst(first: string, [second, ...more]: readonly string[]): Meant | undefined {
  const isTarget = !isKnown(first) && /^uid[:=]|^[a-z_-]{1,20}\d+$|^[\da-f]{6,32}$/i.test(first);
  const isPair = second === undefined && /^(?!uid=)[A-Za-z][\w.]*=./.test(first);
  if (isPair) return {paths: ['sessions list'], args: [first], isExact: true};
  if (!isTarget || (second?.startsWith('-') ?? false)) return undefined;
  const target = plainTargets('sessions find', [first])[0] ?? first;
  if (second === undefined)
    return {
      paths: [/^[\da-f]{6,32}$/.test(first) ? 'sessions get' : 'sessions find'],
      args: [target],
      isExact: true,
    };
  if (second.includes('=')) return {paths: ['settings set'], args: [target, second, ...more]};
  if (isKnown(second) || nounOfSynonym(second) !== undefined) return commandsMeant([second, target, ...more]);
  return {paths: ['settings get'], args: [target, second], isExact: true};
}

/** Returns the commands of a line that begins with a noun. */
function nounFirst(
  [first = '', second, third]: readonly string[],
  after: readonly string[],
): Meant | undefined {
  const exactNoun = nounOfSynonym(first);
  const noun = exactNoun ?? (second !== undefined && isKnown(second) ? similarNoun(first) : undefined);
  const isNoun = Object.hasOwn(commandNouns, first) || noun === `${first}s` || !isKnown(first);
  const hasVerb =
    second !== undefined &&
    (isKnown(unflagged(second)) ||
      (third !== undefined && exactNoun === 'sessions' && isVerbOf('sessions', third)) ||
      commandByNounAndWord.has(`${noun} ${unflagged(second)}`));
  if (noun === undefined || (!isNoun && !hasVerb)) return undefined;
  const meant = commandsOfNoun(noun, after);
  return exactNoun === undefined ? {...meant, isExact: false, isOwn: false} : meant;
}

/** Returns the commands of a line whose second word is a noun: `kick user u42`. */
function nounSecond([first = '', second = '', ...rest]: readonly string[]): Meant | undefined {
  const object = nounOfSynonym(second);
  const isGuessed = commandByNounAndWord.has(`${object} ${first}`);
  const isOfAll = /^(?:find|search|query|grep)$/.test(first) && /^(?:sessions|users|clients)$/.test(second);
  const isListing = ((listSynonyms.has(first) && !isGuessed) || isOfAll) && !isWord(rest[0]);
  if (object === undefined || (!isKnown(first) && !isGuessed)) return undefined;
  return commandsOfNoun(object, [isListing ? 'list' : first, ...rest]);
}

/** Returns the commands of a line without a noun. */
function commandsOfVerb(first: string, after: readonly string[]): Meant {
  const [second] = after;
  const special = messageToAcknowledge(first, after);
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
  const isOfOne =
    /^sessions (?:list|count)$/.test(only) &&
    isWord(second) &&
    !beginsWithSqlClause(after) &&
    /\d/.test(second);
  if (isOfOne) return {paths: ['sessions find'], args: after, isExact};
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

/** Returns the gate commands for a line with an unknown first word: those that any of its words means, or the common ones. */
function ofGateMeant(gate: string, words: readonly string[]): Meant {
  const meant = words.flatMap((word) => commandByNounAndWord.get(`gates ${word}`) ?? []);
  const paths = meant[0]?.split(', ') ?? ['gates info', 'gates drain', 'gates resume'];
  return {paths, args: [gate]};
}

/** Returns the commands of a noun that the next word may mean. A word that resembles no verb is an argument. */
function commandsOfNoun(noun: string, words: readonly string[]): Meant {
  const own = catalogue
    .map(({path}) => path)
    .filter((path) => path.startsWith(`${noun} `) || (noun === 'gate' && path.startsWith('gates ')));
  const byFlag = meantByFlag(noun, words);
  if (byFlag !== undefined) return byFlag;
  const [typed, ...others] = words;
  const args = withoutLabel(others);
  const object = noun === 'sessions' && typed !== undefined ? nounOfSynonym(others[0] ?? '') : undefined;
  if (object !== undefined && object !== noun && others.length > 1)
    return commandsOfNoun(object, [typed ?? '', ...others.slice(1)]);
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
  if (noun === 'settings' && ownPath === undefined && args[0]?.includes('=') === true && !isKnown(word))
    return {paths: ['settings set'], args: words};
  const path = ownPath ?? findCommand(word)?.path;
  if (path !== undefined) {
    const isOwn = ownPath !== undefined || noun === 'sessions';
    return {paths: [pathOfUse(path, args)], args, isExact: isOwn, isOwn};
  }
  if (noun === 'sessions' && beginsWithSqlClause(words))
    return {paths: ['sessions list'], args: words, isExact: true};
  return ofOtherWord(noun, [word, ...args], {words, own});
}

/** Returns the commands of a noun for a word that is none of its verbs. `words` are as typed, `own` the commands of the noun. */
function ofOtherWord(
  noun: string,
  [word = '', ...args]: readonly string[],
  {words, own}: {readonly words: readonly string[]; readonly own: readonly string[]},
): Meant {
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

/** Returns `sessions find` or `gates info` for a listing with an argument; any other path unchanged. */
function pathOfUse(path: string, args: readonly string[]): string {
  if (path === 'gates list' && isWord(args[0])) return 'gates info';
  return path === 'sessions list' && isWord(args[0]) && !beginsWithSqlClause(args) ? 'sessions find' : path;
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
