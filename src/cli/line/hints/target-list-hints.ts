import {shellWord} from '../../../output/text/shell-word.js';
import {formatHintLine} from './hint-line.js';
import {completeHintLine} from './values/completed-line.js';

/** Commands that accept `-` to read a list of targets from stdin. */
const listCommands: readonly string[] = [
  ...['sessions kick', 'bind', 'unbind', 'send', 'settings set', 'settings unset'],
  ...['records get', 'records delete', 'records expire'],
];

/** Flags that other tools use for a file of targets, or for targets in one value. */
const listFlags: ReadonlySet<string> = new Set([
  ...[
    '-f',
    '-i',
    '--file',
    '--files',
    '--from',
    '--from-file',
    '--input',
    '--input-file',
    '--list',
    '--stdin',
  ],
  ...['--id', '--ids', '--id-file', '--ids-file', '--session', '--sessions', '--session-id', '--session-ids'],
  ...[
    '--uids',
    '--uids-from',
    '--path',
    '--uid-file',
    '--uids-file',
    '--uid-list',
    '--targets',
    '--targets-file',
    '--user-file',
  ],
  ...['--users', '--users-file', '--from-stdin', '--batch', '--bulk', '--filename', '--infile'],
]);

const valueless: ReadonlySet<string> = new Set(['--stdin', '--from-stdin']);

/** Words before the name of a file in English. */
const fillers = /^(?:from|in|of|the|file|list|uids|ids|users|sessions)$/;

/** Matches a word that is more likely a file name than a target. */
const fileWord = /^@.|^\.{0,2}\/|\.(?:txt|jsonl?|csv|tsv|list|ids|uids)$/;

/** A command line with a word or flag that stands for targets, or for a file of targets. */
interface ListWord {
  readonly argv: readonly string[];
  readonly path: string;
  /** Index and number of the words to replace. */
  readonly at: number;
  readonly length: number;
  readonly value: string | undefined;
}

/** Returns a hint for an unknown flag that means a list of targets: `kick --file ids.txt` becomes `kick - < ids.txt`. */
export function targetListFlagHint(
  argv: readonly string[],
  unknown: string,
  path: string,
  canAsk = true,
): string | undefined {
  const [name = '', ...inline] = unknown.split('=');
  const at = argv.indexOf(unknown);
  if (at < 0 || !listFlags.has(name) || !listCommands.includes(path)) return undefined;
  const next = argv[at + 1];
  const takesNext =
    inline.length === 0 && !valueless.has(name) && next !== undefined && !/^-./.test(next) && next !== '<';
  const value = inline.length > 0 ? inline.join('=') : takesNext ? next : undefined;
  const isForce = value === undefined ? argv.length > placeAfter(argv, path) + 1 : !/[./\\@]/.test(value);
  if (name === '-f' && isForce)
    return `did you mean: ${shownOf(canAsk)([...argv.slice(0, at), ...argv.slice(at + 1), '--yes'])}`;
  if (name === '--ids' && value === undefined) return undefined; // means `-o ids`
  const list = {argv, path, at, length: takesNext ? 2 : 1, value};
  const targets = targetsIn(name, value, path);
  const shown = shownOf(canAsk);
  if (targets === undefined) return fromStdin(list, shown);
  const isOfUsers = targets.some((target) => target.startsWith('uid:')) && path !== 'bind';
  return `did you mean: ${shown([...withTargets(list, targets), ...(isOfUsers ? ['--all-sessions'] : [])])}`;
}

/** Returns a hint to read the file if the quoted word is a file name, as in `kick @ids.txt`; otherwise undefined. */
export function targetFileHint(
  argv: readonly string[],
  message: string,
  canAsk: boolean,
): string | undefined {
  const path = listCommands.find((one) => placeAfter(argv, one) > 0) ?? '';
  const at = argv.findIndex((word) => fileWord.test(word) && message.includes(`"${word}"`));
  const isValue = argv[at - 1]?.startsWith('-') === true;
  const first = placeAfter(argv, path);
  if (path === '' || at < first || isValue) return undefined;
  let start = at;
  while (start > first && fillers.test(argv[start - 1] ?? '')) start--;
  const list = {argv, path, at: start, length: at - start + 1, value: argv[at]?.replace(/^@/, '')};
  return fromStdin(list, shownOf(canAsk));
}

type Shown = (line: readonly string[]) => string;

const shownOf =
  (canAsk: boolean): Shown =>
  (line) =>
    formatHintLine(completeHintLine(line, canAsk));

const fromStdin = (list: ListWord, shown: Shown): string =>
  `to read a list from a file: ${shown(withTargets(list, ['-']))} < ${shellWord(list.value ?? 'FILE')}`;

function withTargets({argv, path, at, length}: ListWord, targets: readonly string[]): readonly string[] {
  const rest = argv.filter((_, place) => place < at || place >= at + length);
  const start = placeAfter(rest, path);
  return [...rest.slice(0, start), ...targets, ...rest.slice(start)];
}

/** Returns the index after the words of a command; 0 if the line does not contain them in a row. */
function placeAfter(argv: readonly string[], path: string): number {
  const words = path.split(' ');
  const at = argv.findIndex((_, place) => words.every((word, step) => argv[place + step] === word));
  return at < 0 ? 0 : at + words.length;
}

/** Returns the targets listed in the value of a flag such as `--ids`; undefined if the value is a file. */
function targetsIn(name: string, value: string | undefined, path: string): readonly string[] | undefined {
  if (value === undefined || !/(?:ids?|sessions?|targets|users)$/.test(name) || /[/\\]|^@/.test(value))
    return undefined;
  const names = value.split(',').filter((one) => one !== '');
  const areIds = names.every((one) => /^(?:[0-9a-f]{6,32}|uid:.+)$/.test(one));
  const isOne = names.length === 1 && !/(?:ids|sessions|targets|users)$/.test(name);
  if (!areIds && (names.some((one) => fileWord.test(one)) || (names.length < 2 && !isOne))) return undefined;
  const isUid = /^--u(?:id|ser)/.test(name) && !path.startsWith('records ');
  return names.map((one) => (isUid ? `uid:${one}` : one));
}
