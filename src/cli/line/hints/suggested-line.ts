import {Command, type Option} from 'commander';
import {findCommand} from '../../catalogue.js';
import {findCommandInLine} from './aliases.js';
import {type MistypedLine, moveFlagsToArguments, userIn, withoutUser} from './forms/other-tools.js';
import {globalOptions, keptFlags, translateFlags} from './forms/translate-flags.js';
import {formatHintLine, formatHintWords} from './hint-line.js';
import {asksForListing, isListingCommand, translateSqlClauses} from './sql-clauses.js';
import {completeHintLine, isSelectorFlag, looksLikeUid} from './values/completed-line.js';
import {gateIdPattern} from './values/label-selector.js';
import {translateOutput, withoutOutput} from './values/output-format.js';
import {auditFlags, plainArguments} from './values/plain-arguments.js';
import {orderSettingArguments} from './values/setting-arguments.js';

interface SuggestedLine {
  readonly text: string;
  /** The line without the program's name. */
  readonly words: readonly string[];
  /** Whether the line has all required arguments and no extra ones. */
  readonly fits: boolean;
  /** Flags on the line that the command lacks. */
  readonly leftOut: readonly string[];
}

/** Suggested in place of a command for the version. */
export const versionFlag = '--version';

/** Returns the words of a suggested command without its flags. */
export const suggestedPath = (meant: string): string => meant.replace(/ -.*/, '');

/**
 * Returns the command line of `meant` with the arguments and flags of a mistyped line, up to the first flag that the command
 * lacks. `meant` may already contain flags, as in `sessions list -o ids`.
 */
export async function buildSuggestedLine(
  meant: string,
  args: readonly string[],
  {flags, canAsk = true}: Omit<MistypedLine, 'words'>,
): Promise<SuggestedLine> {
  if (meant === versionFlag)
    return {text: `gatectl ${meant}`, words: [meant], fits: args.length === 0, leftOut: []};
  const chosen = await chooseCommand(meant, args, flags);
  const {path, command} = chosen;
  const {targets, own, global, leftOut: untranslated, namesUser} = arrangeWords(chosen, flags);
  const isSelected = own.some(isSelectorFlag);
  const shown = isSelected ? targets : targetWords(command, targets);
  const isTooMany = command.registeredArguments.length === 0 && findCommand(path)?.risk === 'read';
  const {kept, leftOut: flagsLeftOut} = keptFlags(global, untranslated);
  const leftOut = [...(isTooMany ? targets.map((word) => formatHintWords([word])) : []), ...flagsLeftOut];
  const isOfUsers = namesUser || (shown !== targets && shown.some((word, at) => word !== targets[at]));
  const all = isOfUsers && command.options.some(({long}) => long === allSessions) ? [allSessions] : [];
  const added = kept.includes('-o') || own.includes('-o') ? [] : chosen.preset;
  const asked = [...added, ...own, ...kept, ...(own.includes(allSessions) ? [] : all)];
  const shownArgs = isTooMany ? [] : shown;
  const words = [...path.split(' '), ...shownArgs, ...asked];
  const yes = leftOut.length > 0 ? [] : completeHintLine(words, canAsk).slice(words.length);
  const line = shownArguments(path, shownArgs, [...asked, ...yes]);
  const required = flags.includes('--help')
    ? []
    : requiredWords(command).slice(targets.length + (isSelected ? 1 : 0));
  const places = required.filter((word) => !line.includes(` ${word} `));
  const {registeredArguments} = command;
  const isMany = registeredArguments.at(-1)?.variadic === true;
  return {
    text: [line, ...places].join(' '),
    words,
    fits: places.length === 0 && (isMany || targets.length <= registeredArguments.length),
    leftOut,
  };
}

/** The command that a mistyped line most likely means, with its declared options and arguments. */
interface ChosenCommand {
  readonly path: string;
  readonly command: Command;
  /** Flags that `meant` contains. */
  readonly preset: readonly string[];
  /** Arguments and flags, with clauses of SQL converted to flags. */
  readonly words: readonly string[];
}

async function chooseCommand(
  meant: string,
  args: readonly string[],
  flags: readonly string[],
): Promise<ChosenCommand> {
  const typed = suggestedPath(meant);
  const named = /^sessions (?:find|get)$/.test(typed) && asksForListing(args) ? 'sessions list' : typed;
  const given = plainArguments(named, args);
  const typedPath = named === 'sessions find' && given[0]?.includes('=') === true ? 'sessions list' : named;
  const words = isListingCommand(typedPath) ? translateSqlClauses(given) : given;
  const path = pathFor(typedPath, words, flags);
  const command = new Command();
  const verb = await findCommand(path)?.load();
  verb?.declare(command);
  return {path, command, preset: meant.slice(typed.length).split(' ').slice(1), words};
}

/** Arguments and flags of a mistyped line, as its command takes them. */
interface ArrangedWords {
  readonly targets: readonly string[];
  readonly own: readonly string[];
  readonly global: readonly string[];
  /** Flags that have no equivalent. */
  readonly leftOut: readonly string[];
  /** Whether the targets were given as users. */
  readonly namesUser: boolean;
}

function arrangeWords({path, command, words}: ChosenCommand, flags: readonly string[]): ArrangedWords {
  const options = [...command.options, ...globalOptions];
  const split = splitWordsAndFlags(words, options);
  const selects = split.flags.some(isSelectorFlag);
  const unnamed = moveFlagsToArguments(path, split.words, {user: userIn(flags), selects});
  const translated = translateFlags(command, unflagArguments([...unnamed.words, ...split.flags], command));
  const gates = path === 'sessions kick' && translated.words.some((word) => gateIdPattern.test(word));
  const selected = gates ? withGates(translated.words) : translated.words;
  const {words: plain, flags: typedFlags} = splitWordsAndFlags(selected, options);
  const isSearch = path === 'audit list' && plain.length > 0;
  const typed = isSearch ? [] : orderSettingArguments(path, plain, typedFlags.some(isSelectorFlag));
  const output = translateOutput(path, flags);
  const {target, rest} = userTarget(command, typed, unnamed.tookUser ? withoutUser(output) : output);
  return {
    targets: path === 'bind' ? [...typed, ...target] : [...target, ...timeToLive(path, typed)],
    own: isSearch
      ? [...auditFlags(plain), ...typedFlags]
      : rest.includes('-o')
        ? withoutOutput(typedFlags)
        : typedFlags,
    global: rest,
    leftOut: translated.leftOut,
    namesUser: unnamed.namesUser,
  };
}

const allSessions = '--all-sessions';

/** Puts the ids of gates after their flag. */
const withGates = (words: readonly string[]): readonly string[] =>
  words.flatMap((word, at) =>
    gateIdPattern.test(word) && words[at - 1] !== '--gate' ? ['--gate', word] : [word],
  );

/** Returns the command that the arguments require, such as `sessions find` for a uid, or `broadcast` for a topic without a target. */
function pathFor(path: string, words: readonly string[], flags: readonly string[]): string {
  const isTargetless =
    userIn(flags) === undefined && !words.some((word) => word.startsWith('-') && word !== '--qos');
  if (path === 'send' && /^[^@]*\//.test(words[0] ?? '') && isTargetless) return 'broadcast';
  if (path === 'settings get' && words.length === 1 && isTargetless) return 'settings list';
  if (path === 'sessions get' && looksLikeUid(words[0])) return 'sessions find';
  return path === 'sessions list' && words.includes('--by') ? 'sessions count' : path;
}

/**
 * Uses the value of `--user`, which is the NATS user, as the target of a line that names none: as the first argument if one is
 * missing, otherwise as `--uid`.
 */
function userTarget(
  command: Command,
  typed: readonly string[],
  flags: readonly string[],
): {readonly target: readonly string[]; readonly rest: readonly string[]} {
  const at = flags.findIndex((word) => /^--user(?==|$)/.test(word));
  const inline = flags[at]?.split('=')[1];
  const uid = inline ?? flags[at + 1];
  if (at < 0 || uid === undefined) return {target: [], rest: flags};
  const {registeredArguments} = command;
  const required = requiredWords(command).length || (registeredArguments[0]?.required === true ? 1 : 0);
  const selects = command.options.some(({long}) => long === '--uid');
  const isFree = typed.length === 0 && registeredArguments.length > 0 && !selects;
  const isTargetless = isFree || typed.length < required || isFirstOfWrite(command, typed[0]);
  if (isTargetless && (!selects || typed.length > 0))
    return {
      target: [uid],
      rest: [...flags.slice(0, at), ...flags.slice(at + (inline === undefined ? 2 : 1))],
    };
  if (typed.length > 0 || !selects) return {target: [], rest: flags};
  return {target: [], rest: flags.map((word) => word.replace(/^--user(?==|$)/, '--uid'))};
}

/** Whether a word is a topic or a setting where the command expects a session. */
const isFirstOfWrite = (command: Command, first = ''): boolean =>
  /^(?:\[options\] )?<(?:session|uid)>/.test(command.usage()) && /^[^@]*\/|^\w[\w.-]*=/.test(first);

/** Adds the unit to a time to live given in seconds without a unit, as redis-cli takes it. */
const timeToLive = (path: string, words: readonly string[]): readonly string[] =>
  path === 'records expire'
    ? words.map((word, at) =>
        at > 0 && at === words.length - 1 && /^\d{1,9}$/.test(word) ? `${word}s` : word,
      )
    : words;

/**
 * Formats the suggested line. If the topic of a `send` or `broadcast` is missing, inserts `<topic>`: a single argument is
 * taken as the body unless it contains a slash.
 */
function shownArguments(path: string, args: readonly string[], flags: readonly string[]): string {
  const isToOne = path === 'send' && !flags.some(isSelectorFlag);
  const before = args.slice(0, isToOne ? 1 : 0);
  const [body, ...more] = args.slice(before.length);
  const lacksTopic = body !== undefined && more.length === 0 && !body.includes('/');
  if (!lacksTopic || !['send', 'broadcast'].includes(path))
    return formatHintLine([...path.split(' '), ...args, ...flags]);
  const end = formatHintLine([body, ...flags]).replace(/^gatectl /, '');
  return `${formatHintLine([...path.split(' '), ...before])} <topic> ${end}`;
}

/** Turns flags named like an argument into that argument: `find --uid u42` becomes `find u42`. */
function unflagArguments(words: readonly string[], command: Command): readonly string[] {
  const names = new Set(command.registeredArguments.flatMap((argument) => flagsOfArgument(argument.name())));
  for (const {long} of command.options) names.delete(long ?? '');
  return words.flatMap((word) => {
    const [name = '', ...value] = word.split('=');
    if (!names.has(name)) return [word];
    return value.length === 0 ? [] : [value.join('=')];
  });
}

/** Flags that other tools have in place of an argument, by argument name. */
const argumentFlags: Readonly<Record<string, readonly string[]>> = {
  gate: ['--node', '--gates', '--gate-id', '--name', '--id'],
  file: ['--name', '--out', '--output-file', '--to', '--path', '-f'],
  args: ['--uid', '--ttl', '--in', '--expire', '--seconds', '--duration'],
  bytes: ['--input', '--data', '--in'],
};

const flagsOfArgument = (name: string): readonly string[] => [`--${name}`, ...(argumentFlags[name] ?? [])];

/** Returns the required arguments of a command as its help shows them, such as `<session>` and `<topic>`. */
function requiredWords(command: Command): readonly string[] {
  const [named = ''] = command.usage().split(' | '); // the first form is the one with a session
  return named.replaceAll(/\[[^\]]*\]/g, '').match(/<[^>]+>/g) ?? [];
}

/** Adds `uid:` to uids where a command expects sessions. */
function targetWords(command: Command, words: readonly string[]): readonly string[] {
  if (!/^<?\[?session/.test(command.usage().replace('[options] ', ''))) return words;
  const [first] = command.registeredArguments;
  const isMany = first?.variadic === true && first.name() === 'session';
  return words.map((word, at) => ((at === 0 || isMany) && looksLikeUid(word) ? `uid:${word}` : word));
}

/** Separates known flags and their values from the other words. */
export function splitWordsAndFlags(line: readonly string[], options: readonly Option[]): MistypedLine {
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

/** Commands that read and end, so that a guess may run them. */
export const guessableReadPattern =
  /^(?:sessions|settings|records|gates|snapshot list|audit list|context (?:list|show)|doctor|anomalies|decode)\b/;

/** Whether the only line asks for a confirmation before it writes. `-vy` also confirms. */
export const asksForConfirmation = (lines: readonly SuggestedLine[], flags: readonly string[]): boolean =>
  lines.length === 1 &&
  findCommandInLine(lines[0]?.words ?? [])?.risk === 'destroy' &&
  !flags.some((word) => word.startsWith('--yes') || /^-[a-z]*y/i.test(word));

/** Whether each line reads the cluster or the journal. One of several may not run until it is stopped. */
export function areFiniteReads(lines: readonly SuggestedLine[]): boolean {
  const risks = lines.map(({words}) => findCommandInLine(words)?.risk);
  const isEndless = lines.some(({words}) => /^(?:sessions (?:watch|top)|trace)/.test(words.join(' ')));
  const areReads = risks.every((risk) => risk === 'read');
  return (
    areReads &&
    lines.every(({words}) => guessableReadPattern.test(words.join(' '))) &&
    !(isEndless && lines.length > 1)
  );
}
