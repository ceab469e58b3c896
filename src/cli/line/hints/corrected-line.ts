import {
  GatectlError,
  MistypedValueError,
  NegativeError,
  SeveralSessionsError,
  ShortenedIdError,
  UidAsSessionError,
  UnknownGateError,
  UsageError,
} from '../../../base/errors.js';
import {commandIndex, findCommandInLine} from './aliases.js';
import {gateKickLine, gateStateLine} from './forms/gate-line.js';
import {messageLine} from './forms/message-line.js';
import {formatHintLine} from './hint-line.js';
import {targetFileHint} from './target-list-hints.js';
import {
  allSessionsCommands,
  completeHintLine,
  isSelectorFlag,
  looksLikeUid,
} from './values/completed-line.js';
import {gateIdPattern} from './values/label-selector.js';
import {encodingHint, outputFormatHint} from './values/output-format.js';
import {orderSettingArguments} from './values/setting-arguments.js';
import {timeHint} from './values/time-words.js';

/** The line that failed, as the program understood it. */
interface FailedLine {
  readonly argv: readonly string[];
  /** Whether the program can ask for a confirmation. */
  readonly canAsk: boolean;
}

/** Returns the hint with the whole line that works, for an error about one of its words; undefined for any other error. */
export function correctedLineHint(error: unknown, {argv, canAsk}: FailedLine): string | undefined {
  const shown = (line: readonly string[]): string =>
    `${formatHintLine(completeHintLine(line, canAsk))}${line.includes('-') ? ' < FILE' : ''}`;
  if (error instanceof UidAsSessionError) return uidLines(error, argv)?.map(shown).join(', or ');
  if (error instanceof SeveralSessionsError)
    return linesOfSessions(error, argv, `uid:${error.uid}`)?.map(shown).join(', or ');
  if (error instanceof ShortenedIdError) {
    const line = argv.map((word) =>
      word.endsWith(error.typed) ? word.replace(error.typed, error.id) : word,
    );
    return argv.some((word) => word.endsWith(error.typed)) ? shown(line) : undefined;
  }
  if (error instanceof MistypedValueError) return mistypedHint(error, argv, shown);
  if (!(error instanceof GatectlError)) return undefined;
  const {retryWith = []} = error;
  const lacksConfirmation = retryWith.some((word) => word === '--yes' || word === '--expect'); // the words are right
  const target = lacksConfirmation ? undefined : targetLine(error, argv);
  if (target !== undefined) return `did you mean: ${shown(target)}`;
  if (error.retryWith !== undefined) return `${error.hint}: ${shown([...argv, ...retryWith])}`;
  const list = targetFileHint(argv, error.message, canAsk);
  if (list !== undefined || !(error instanceof UsageError || error instanceof NegativeError)) return list;
  return (
    outputFormatHint(argv, error.message) ??
    encodingHint(argv, error.message) ??
    timeHint(argv, error.message)
  );
}

function mistypedHint(
  {flag, typed, meant}: MistypedValueError,
  argv: readonly string[],
  shown: (line: readonly string[]) => string,
): string | undefined {
  const line = argv.map((word, at) => {
    if (word === `${flag}=${typed}`) return `${flag}=${meant}`;
    return word === typed && argv[at - 1] === flag ? meant : word;
  });
  if (line.every((word, at) => word === argv[at])) return undefined;
  const direction =
    flag === '--sort' && meant === 'age' ? ' (oldest first; newest first: --sort age:asc)' : '';
  return `did you mean: ${shown(line)}${direction}`;
}

/** Returns the whole line in the order of the command, for a message, a gate or a setting in another order. */
function wholeLine(argv: readonly string[], path: string): readonly string[] | undefined {
  const start = commandIndex(argv, 0);
  const head = argv.slice(0, start);
  const words = argv.slice(start + path.split(' ').length);
  const lineOf = (meant: readonly string[] | undefined): readonly string[] | undefined =>
    meant === undefined || meant.join(' ') === argv.slice(start).join(' ') ? undefined : [...head, ...meant];
  if (path === 'send' || path === 'broadcast')
    return lineOf(messageLine([...(path === 'broadcast' ? ['--all'] : []), ...words]));
  if (/^gates (?:drain|resume|info)$/.test(path)) return lineOf(gateStateLine(argv.slice(start)));
  if (path === 'sessions kick') {
    const ofGate = lineOf(gateKickLine(argv.slice(start)));
    if (ofGate !== undefined) return ofGate;
  }
  const selected = withUserSelected(argv, path);
  if (!/^settings (?:set|unset|get)$/.test(path)) return selected;
  return lineOf(orderedSettings((selected ?? argv).slice(start), path));
}

/** Puts the arguments of a command on settings in their order, and its flags after them. */
function orderedSettings(line: readonly string[], path: string): readonly string[] {
  const plain: string[] = [];
  const flags: string[] = [];
  for (const [at, word] of line.entries()) {
    const isValue = /^--(?:uid|gate|where|target|context|reason|if|rate)$/.test(line[at - 1] ?? '');
    (word.startsWith('-') || isValue ? flags : plain).push(word);
  }
  const words = plain.slice(path.split(' ').length);
  return [...path.split(' '), ...orderSettingArguments(path, words, flags.some(isSelectorFlag)), ...flags];
}

/** Takes `--user`, which is the user of NATS, for the user that the line is about. */
function withUserSelected(argv: readonly string[], path: string): readonly string[] | undefined {
  const at = argv.findIndex((word) => /^--user(?==|$)/.test(word));
  const [, inline] = argv[at]?.split('=') ?? [];
  const uid = inline ?? argv[at + 1];
  if (at < 0 || uid === undefined || argv.some(isSelectorFlag)) return undefined;
  if (allSessionsCommands.has(path)) return argv.map((word) => word.replace(/^--user(?==|$)/, '--uid'));
  const isOfRecord = /^records (?:get|delete|diff|expire|set)$/.test(path);
  if (!isOfRecord && !/^(?:sessions (?:get|find)|settings (?:get|list))$/.test(path)) return undefined;
  const rest = argv.toSpliced(at, inline === undefined ? 2 : 1);
  return rest.toSpliced(
    commandIndex(rest, 0) + 2,
    0,
    isOfRecord || path === 'sessions find' ? uid : `uid:${uid}`,
  );
}

/** Words that mean every session. */
const everyone: ReadonlySet<string> = new Set(['all', '*', 'everyone', 'everybody', 'users', 'clients']);

/** Returns the line with the word or flag for its targets corrected, for an error about the sessions of a bulk write. */
function targetLine(error: GatectlError, argv: readonly string[]): readonly string[] | undefined {
  if (error instanceof UnknownGateError && error.meant !== undefined) {
    const {typed, meant} = error;
    return argv.map((word) => (word === typed ? meant : word.replace(`--gate=${typed}`, `--gate=${meant}`)));
  }
  const {path = ''} = findCommandInLine(argv) ?? {};
  const isMissing = error instanceof UsageError || error instanceof NegativeError;
  const isOption = error.message.includes('unknown option');
  const whole = isMissing && !isOption ? wholeLine(argv, path) : undefined;
  if (whole !== undefined) return whole;
  if (isMissing && path === 'bind') return bindLine(argv);
  if (isMissing && path === 'settings set') {
    const pair = pairLine(argv);
    if (pair !== undefined) return pair;
  }
  const level = argv.findIndex((word, at) => word === '-q' && /^[012]$/.test(argv[at + 1] ?? ''));
  if (isMissing && !isOption && path === 'send' && level >= 0)
    return argv.map((word, at) => (at === level ? '--qos' : at === level + 1 ? '1' : word));
  if (!/session|unknown option/.test(error.message)) return undefined;
  if (!allSessionsCommands.has(path) || !isMissing) return undefined;
  const uids = argv[argv.indexOf('--uid') + 1];
  if (argv.includes('--uid') && uids?.includes(',') === true)
    return argv.flatMap((word) =>
      word === uids ? uids.split(',').flatMap((uid, at) => (at === 0 ? [uid] : ['--uid', uid])) : [word],
    );
  if (argv.includes('--uid') && /^(?:-|@.*)$/.test(uids ?? ''))
    return argv.flatMap((word) => (word === '--uid' ? [] : word === uids ? ['-'] : [word]));
  if (/unknown option/.test(error.message)) return undefined;
  const topic = path === 'send' ? argv[commandIndex(argv, 0) + 1] : undefined;
  if (argv.some((word) => /^--user(?:=|$)/.test(word)) && !argv.some(isSelectorFlag))
    return argv.map((word) => word.replace(/^--user(?==|$)/, '--uid'));
  if (topic?.startsWith('/') && !argv.some(isSelectorFlag))
    return argv.map((one) => (one === 'send' ? 'broadcast' : one));
  const word = argv.find(
    (one) => error.message.includes(`"${one}"`) && (everyone.has(one) || gateIdPattern.test(one)),
  );
  if (word === undefined) return undefined;
  const without = argv.filter((one) => one !== word);
  if (gateIdPattern.test(word)) return [...without, '--gate', word];
  if (argv.some(isSelectorFlag)) return without;
  return path === 'send' && without.length === 3 ? ['broadcast', ...without.slice(1)] : [...without, '--all'];
}

type Lines = readonly (readonly string[])[];

/** Returns the line with `uid:` before a uid that stands where a session is expected. */
function uidLines({uid, sessions, others}: UidAsSessionError, argv: readonly string[]): Lines | undefined {
  if (!argv.includes(uid)) return undefined;
  if (sessions.length > 1 && others.length === 0) {
    const lines = linesOfSessions({uid, sessions}, argv, uid);
    if (lines !== undefined) return lines;
  }
  const uids = new Set([uid, ...others]);
  const line = argv.map((word) => (uids.delete(word) ? `uid:${word}` : word));
  const isMany = others.length > 0 && allSessionsCommands.has(findCommandInLine(argv)?.path ?? '');
  return [isMany && !argv.includes('--all-sessions') ? [...line, '--all-sessions'] : line];
}

/** Corrects `bind X to u42`, `bind X=u42`, `bind X --user u42`, and an empty uid, which unbinds. */
function bindLine(argv: readonly string[]): readonly string[] | undefined {
  const at = commandIndex(argv, 0) + 1;
  const [head, words] = [argv.slice(0, at), argv.slice(at)];
  if (words.includes('')) return [...head.slice(0, -1), 'unbind', ...words.filter((word) => word !== '')];
  const plain = words
    .filter((word) => !/^(?:to|as|--user|uid)$/.test(word))
    .flatMap((word) => word.replace(/^(?:--user|uid)=/, '').split('='));
  const [first = '', second = ''] = plain;
  const isSwapped = plain.length === 2 && looksLikeUid(first) && !looksLikeUid(second);
  const line = [...head, ...(isSwapped ? [second, first] : plain)];
  return line.join(' ') === argv.join(' ') ? undefined : line;
}

/** Corrects `settings set X vip 1`, `vip:1`, and `vip-`, which unsets. */
function pairLine(argv: readonly string[]): readonly string[] | undefined {
  const at = argv.findIndex(
    (word, place) => /^\w[\w.]*[-:]/.test(word) && !/^uid:/.test(word) && argv[place - 1] !== '--gate',
  );
  const [word = ''] = argv.slice(at);
  if (at > 0 && /^\w+-$/.test(word))
    return argv.map((one, place) => (one === 'set' ? 'unset' : place === at ? one.slice(0, -1) : one));
  if (at > 0 && /^\w+:[^=]+$/.test(word)) return argv.with(at, word.replace(':', '='));
  const end = argv.findIndex((one, place) => place > 1 && one.startsWith('--'));
  const words = end < 0 ? argv : argv.slice(0, end);
  const [key = '', value] = words.slice(-2);
  const isPair =
    words.length >= (argv.some(isSelectorFlag) ? 4 : 5) &&
    !/[=:]/.test(key) &&
    value?.includes('=') === false;
  return isPair ? [...words.slice(0, -2), `${key}=${value}`, ...argv.slice(words.length)] : undefined;
}

/** Maximum number of sessions for which a hint lists a line each. */
const maxLines = 3;

/** Returns the line for all sessions of a uid if the command has one, else a line for each. `word` names the uid. */
function linesOfSessions(
  {uid, sessions}: Pick<SeveralSessionsError, 'uid' | 'sessions'>,
  argv: readonly string[],
  word: string,
): Lines | undefined {
  const at = argv.indexOf(word);
  const path = findCommandInLine(argv)?.path ?? '';
  if (allSessionsCommands.has(path))
    return [[...(at < 0 ? argv : argv.with(at, `uid:${uid}`)), '--all-sessions']];
  if (at < 0) return undefined;
  const key = argv[at + 1];
  if (path === 'settings get' && key !== undefined)
    return [['sessions', 'list', '--uid', uid, '--columns', `id,gate,settings.${key}`]];
  return sessions.slice(0, maxLines).map((session) => argv.with(at, session));
}
