import type {Command} from 'commander';
import {closestMatch} from '../../../base/closest-match.js';
import {findCommand} from '../../catalogue.js';
import {fullCommandName} from '../full-command-name.js';
import {
  acknowledgementFlag,
  equivalentFlags,
  flagSynonyms,
  flagTakesValue,
  followFlags,
  isFormatFlag,
  replacementsOnlyForHints,
} from './flag-equivalents.js';
import {isArgumentFlag, type MistypedLine} from './forms/other-tools.js';
import {formatHintLine} from './hint-line.js';
import {translateOrderFlag} from './sql-clauses.js';
import {buildSuggestedLine, splitWordsAndFlags} from './suggested-line.js';
import {targetListFlagHint} from './target-list-hints.js';
import {columnsAdvice} from './values/output-format.js';

/** Hints for flags that have no equivalent, by flag. */
const advice: Readonly<Record<string, string>> = {
  '-n': 'there are no namespaces: --gate <node> selects a gate, --context <name> a cluster, --limit <count> rows',
  '--namespace': 'there are no namespaces: --gate <node> selects a gate, --context <name> a cluster',
  '--password': 'use --password-file <file> or GATECTL_PASSWORD',
  '--pass': 'use --password-file <file> or GATECTL_PASSWORD',
  '-p': 'use --password-file <file> or GATECTL_PASSWORD',
  '--token': 'use --token-file <file> or GATECTL_TOKEN',
  '--debug': 'use --verbose, or set GATECTL_DEBUG=1 for the stack of an error',
  ...Object.fromEntries(
    [
      ...[
        '--duplicate',
        '--duplicates',
        '--duplicated',
        '--dup',
        '--dups',
        '--dupes',
        '--duplicate-uid',
        '--double',
      ],
      ...[
        '--twice',
        '--multi',
        '--multiple',
        '--having',
        '--min',
        '--min-count',
        '--more-than',
        '--unique',
        '--uniq',
        '--distinct',
        '--by-uid',
        '--same-uid',
        '--repeated',
      ],
    ].map((name) => [name, 'for users with several sessions: gatectl anomalies --checks duplicate-uid']),
  ),
  ...Object.fromEntries(
    ['--delay', '--interval', '--sleep', '--concurrency', '--parallel'].map((name) => [
      name,
      'to write slowly: --rate <count>, writes per second on each gate',
    ]),
  ),
  ...Object.fromEntries(
    ['--grace', '--grace-period'].map((name) => [
      name,
      'to evict slowly: --rate <count>; to stop evicting after a time: --wait <duration>',
    ]),
  ),
  '--query': columnsAdvice,
  '--jq': columnsAdvice,
  '--all': 'reads cover all gates and sessions without a flag; --limit <count> shortens the output',
};

/** Commands that run until they are stopped, so `--watch` or `--follow` can be dropped. */
const endless: ReadonlySet<string> = new Set(['trace', 'sessions watch']);
const needless = /^(?:--(?:live|follow|tail|watch|calls|bus)|-[afw])$/;

/** The unknown flag of a command line, as typed. */
interface UnknownFlag {
  readonly argv: readonly string[];
  readonly at: number;
  readonly name: string;
  readonly value: string | undefined;
  /** Number of words taken by the flag and its value. */
  readonly length: number;
}

/**
 * Returns the line with the first unknown flag replaced by its equivalent, such as `--json` by `-o json`, and `--follow` dropped
 * for `trace`. Returns undefined if there is no equivalent, and for commands that write: `unknownFlagHint` only suggests theirs.
 */
export function replaceUnknownFlag(
  argv: readonly string[],
  unknown: string,
  entered: Command,
): readonly string[] | undefined {
  const isRead = findCommand(pathOf(entered))?.risk === 'read';
  const flag = findFlag(argv, unknown, entered);
  const path = pathOf(entered);
  const isNeedless = flag?.name === '--all' ? isRead : endless.has(path) && needless.test(flag?.name ?? '');
  if (flag !== undefined && isNeedless) return lineWith(flag, []); // reads cover all gates and sessions
  if (targetListFlagHint(argv, unknown, pathOf(entered)) !== undefined) return undefined;
  const ordered = isRead && hasFlag(entered, '--sort') ? translateOrderFlag(argv, unknown) : undefined;
  if (ordered !== undefined && typeof ordered !== 'string') return ordered;
  const words =
    isRead && flag !== undefined ? equivalentFlags(flag, (long) => hasFlag(entered, long)) : undefined;
  return words && lineWith(flag as UnknownFlag, words);
}

interface RefusedFlag {
  readonly argv: readonly string[];
  /** The flag as typed, with a value after `=`. */
  readonly unknown: string;
  readonly entered: Command;
  readonly line: MistypedLine;
}

/** Returns the hint for a flag of another tool; undefined for other flags. */
export async function unknownFlagHint({
  argv,
  unknown,
  entered,
  line,
}: RefusedFlag): Promise<string | undefined> {
  const flag = findFlag(argv, unknown, entered);
  if (flag === undefined) return undefined;
  const path = pathOf(entered);
  const {text, leftOut} = await buildSuggestedLine(path, line.words.slice(path.split(' ').length), line);
  const isTranslated = leftOut.length === 0 && !flag.name.startsWith('--pass');
  if (isTranslated && isArgumentFlag(path, flag.name)) return `did you mean: ${text}`;
  const list = targetListFlagHint(argv, unknown, path, line.canAsk);
  if (list !== undefined) return list;
  if (/^(?:records diff|doctor)$/.test(path) && /^--(?:all|live|sessions|records|store)$/.test(flag.name))
    return `did you mean: ${formatHintLine(['anomalies'])}`;
  const isReceipt = acknowledgementFlag.test(flag.name);
  if (path === 'send' && isReceipt) return `did you mean: ${formatHintLine(lineWith(flag, ['--qos', '1']))}`;
  if (path === 'broadcast' && (flag.name === '--qos' || isReceipt)) {
    const sent = [...lineWith(flag, isReceipt ? ['--qos', '1'] : ['--qos']), '--all'];
    return `did you mean: ${formatHintLine(sent.map((word) => (word === 'broadcast' ? 'send' : word)))}`;
  }
  if (path === 'broadcast' && flag.name === '--all')
    return `did you mean: ${formatHintLine(lineWith(flag, []))}`;
  const order = hasFlag(entered, '--sort') ? translateOrderFlag(argv, unknown) : undefined;
  if (order !== undefined)
    return typeof order === 'string' ? order : `did you mean: ${formatHintLine(order)}`;
  if (isTranslated) return `did you mean: ${text}`;
  const words =
    replacementsOnlyForHints[flag.name] ?? equivalentFlags(flag, (long) => hasFlag(entered, long));
  if (words !== undefined && !flag.name.startsWith('--pass'))
    return `did you mean: ${formatHintLine(lineWith(flag, words))}`;
  if (followFlags.has(flag.name)) return followHint(flag, entered);
  const isGrace = flag.name.startsWith('--grace');
  return Object.hasOwn(advice, flag.name) && (!isGrace || path === 'gates drain')
    ? advice[flag.name]
    : settingHint(flag, entered);
}

/** Interprets an unknown flag with a value, such as `--level 7`, as a setting, unless it resembles a known flag. */
function settingHint(flag: UnknownFlag, entered: Command): string | undefined {
  const {argv, at, name} = flag;
  const known = optionsOf(entered).map(({long}) => long ?? '');
  const value = flag.value ?? argv[at + 1];
  const isNear = closestMatch(name, known) !== undefined || Object.hasOwn(flagSynonyms, name);
  if (isNear || value === undefined || value.startsWith('-') || !hasFlag(entered, '--setting'))
    return undefined;
  if (findCommand(pathOf(entered))?.risk !== 'read' || !/^--[a-z][\w-]*$/i.test(name)) return undefined;
  const length = flag.value === undefined ? 2 : flag.length;
  return `did you mean: ${formatHintLine(lineWith({...flag, length}, ['--setting', `${name.slice(2)}=${value}`]))}`;
}

const pathOf = (command: Command): string => fullCommandName(command).replace(/^gatectl ?/, '');

const lineWith = ({argv, at, length}: UnknownFlag, words: readonly string[]): readonly string[] => [
  ...argv.slice(0, at),
  ...words,
  ...argv.slice(at + length),
];

/** Finds the unknown flag on the line, skipping words that are values of other flags. */
function findFlag(argv: readonly string[], unknown: string, entered: Command): UnknownFlag | undefined {
  const known = optionsOf(entered);
  const at = argv.findIndex((word, place) => {
    const before = known.find(({long, short}) => long === argv[place - 1] || short === argv[place - 1]);
    return word === unknown && before?.required !== true;
  });
  if (at < 0) return undefined;
  const [name = '', ...inline] = unknown.split('=');
  const next = argv[at + 1];
  const takesNext =
    inline.length === 0 &&
    (flagTakesValue(name) || isColumnList(name, next, entered) || isFormatFlag(name, next)) &&
    next !== undefined &&
    !next.startsWith('-');
  const value = inline.length > 0 ? inline.join('=') : takesNext ? next : undefined;
  return {argv, at, name, value, length: takesNext ? 2 : 1};
}

/** Whether the word after `--json` is a list of columns, as in gh. It is one if the command takes no arguments. */
const isColumnList = (name: string, next: string | undefined, entered: Command): boolean =>
  name === '--json' &&
  next !== undefined &&
  !next.startsWith('-') &&
  entered.registeredArguments.length === 0;

const optionsOf = (entered: Command): Command['options'] => [
  ...entered.options,
  ...((entered.parent?.parent ?? entered.parent)?.options ?? []),
];

const hasFlag = (entered: Command, long: string): boolean =>
  optionsOf(entered).some((option) => option.long === long);

function followHint({argv, at}: UnknownFlag, entered: Command): string {
  const path = pathOf(entered);
  if (!path.startsWith('sessions ')) return 'to follow the cluster: gatectl dashboard';
  const line = [...argv.slice(0, at), ...argv.slice(at + 1)];
  const {words, flags} = splitWordsAndFlags(line, optionsOf(entered));
  const isList = words.length === 2;
  return `to follow sessions: ${formatHintLine(['sessions', 'watch', ...(isList ? flags : [])])}`;
}
