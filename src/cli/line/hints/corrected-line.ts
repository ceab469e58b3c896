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
  const target = targetLine(error, argv);
  if (target !== undefined) return `did you mean: ${shown(target)}`;
  if (error.retryWith !== undefined) return `${error.hint}: ${shown([...argv, ...error.retryWith])}`;
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
  return line.some((word, at) => word !== argv[at]) ? `did you mean: ${shown(line)}` : undefined;
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
  if (isMissing && path === 'bind') return bindLine(argv);
  if (isMissing && path === 'settings set') {
    const pair = pairLine(argv);
    if (pair !== undefined) return pair;
  }
  const level = argv.findIndex((word, at) => word === '-q' && /^[012]$/.test(argv[at + 1] ?? ''));
  if (isMissing && path === 'send' && level >= 0)
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
