import type {Command} from 'commander';
import {formats} from '../../../output/formats/presenter.js';
import {commandAt} from '../../catalogue.js';
import {commandPath} from '../command-path.js';
import {renamedFlags} from './guessed-words.js';
import {selectorTermWords} from './label-terms.js';
import {listFlagHint} from './list-file.js';
import {orderFlagHint} from './order-flags.js';
import {shownLine} from './shown-line.js';
import {splitFlags, unflagArguments} from './suggest-command.js';

/** Flags without a value, and the words that replace them. */
const replaced: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(formats.map((format) => [`--${format}`, ['-o', format]])),
  '--no-headers': ['-o', 'tsv'],
  '--no-header': ['-o', 'tsv'],
  '--no-color': ['--color', 'never'],
  '--silent': ['--quiet'],
  '--show-labels': ['-o', 'wide'],
  '-A': [],
  '--all-namespaces': [],
};

/** Replaced only in a hint: they change what a command does. */
const replacedInHint: Readonly<Record<string, readonly string[]>> = {
  '--force': ['--yes'],
  '--no-prompt': ['--yes'],
  '--assume-yes': ['--yes'],
  '--dryrun': ['--dry-run'],
  '--server-dry-run': ['--dry-run'],
};

const selectors: ReadonlySet<string> = new Set([
  '-l',
  '--selector',
  '--label',
  '--labels',
  '--field-selector',
]);

/** Flags without an equivalent, and what to use instead. */
const answers: Readonly<Record<string, string>> = {
  '-n': 'there are no namespaces: --gate <node> selects a gate, --context <name> a cluster, --limit <count> rows',
  '--namespace': 'there are no namespaces: --gate <node> selects a gate, --context <name> a cluster',
  '--password': 'use --password-file <file> or GATECTL_PASSWORD',
  '--pass': 'use --password-file <file> or GATECTL_PASSWORD',
  '-p': 'use --password-file <file> or GATECTL_PASSWORD',
  '--token': 'use --token-file <file> or GATECTL_TOKEN',
  '--debug': 'use --verbose, or set GATECTL_DEBUG=1 for the stack of an error',
  '--template': 'use -o json and a program such as jq',
  '--all': 'reads cover all gates and sessions without a flag; --limit <count> shortens the output',
};

const follows: ReadonlySet<string> = new Set(['-w', '--watch', '-f', '--follow', '--tail']);

/** The unknown flag of a command line, as typed. */
interface UnknownFlag {
  readonly argv: readonly string[];
  readonly at: number;
  readonly name: string;
  readonly value: string | undefined;
  /** How many words the flag and its value take. */
  readonly length: number;
}

/**
 * Returns the line with the first unknown flag of a reading command replaced by its equivalent: `--json` by `-o json`.
 * Undefined without an equivalent, and for a command that writes, which only names it.
 */
export function understoodLine(
  argv: readonly string[],
  unknown: string,
  entered: Command,
): readonly string[] | undefined {
  const isRead = commandAt(pathOf(entered))?.risk === 'read';
  const flag = findFlag(argv, unknown, entered);
  if (listFlagHint(argv, unknown, pathOf(entered)) !== undefined) return undefined;
  const words = isRead && flag !== undefined ? equivalent(flag, entered) : undefined;
  return words && lineWith(flag as UnknownFlag, words);
}

/** Returns the hint for a flag of another tool; undefined for any other flag. */
export function flagHint(argv: readonly string[], unknown: string, entered: Command): string | undefined {
  const flag = findFlag(argv, unknown, entered);
  if (flag === undefined) return undefined;
  const list = listFlagHint(argv, unknown, pathOf(entered));
  if (list !== undefined) return list;
  const order = hasFlag(entered, '--sort') ? orderFlagHint(argv, unknown) : undefined;
  if (order !== undefined) return order;
  const words = replacedInHint[flag.name] ?? equivalent(flag, entered);
  if (words !== undefined && !flag.name.startsWith('--pass'))
    return `did you mean: ${shownLine(lineWith(flag, words))}`;
  if (follows.has(flag.name)) return followHint(flag, entered);
  const line = unflagArguments(argv, entered);
  if (line.length < argv.length || line.some((word, place) => word !== argv[place]))
    return `did you mean: ${shownLine(line)}`;
  return Object.hasOwn(answers, flag.name) ? answers[flag.name] : undefined;
}

const pathOf = (command: Command): string => commandPath(command).replace(/^gatectl ?/, '');

const lineWith = ({argv, at, length}: UnknownFlag, words: readonly string[]): readonly string[] => [
  ...argv.slice(0, at),
  ...words,
  ...argv.slice(at + length),
];

/** Finds the flag where it is not the value of another one. */
function findFlag(argv: readonly string[], unknown: string, entered: Command): UnknownFlag | undefined {
  const known = optionsOf(entered);
  const at = argv.findIndex((word, place) => {
    const before = known.find(({long, short}) => long === argv[place - 1] || short === argv[place - 1]);
    return word === unknown && before?.required !== true;
  });
  if (at < 0) return undefined;
  const [name = '', ...inline] = unknown.split('=');
  const next = argv[at + 1];
  const takesNext = inline.length === 0 && takesValue(name) && next !== undefined && !next.startsWith('-');
  const value = inline.length > 0 ? inline.join('=') : takesNext ? next : undefined;
  return {argv, at, name, value, length: takesNext ? 2 : 1};
}

const takesValue = (name: string): boolean =>
  Object.hasOwn(renamedFlags, name) || selectors.has(name) || name === '-n' || name === '--namespace';

const optionsOf = (entered: Command): Command['options'] => [
  ...entered.options,
  ...((entered.parent?.parent ?? entered.parent)?.options ?? []),
];

const hasFlag = (entered: Command, long: string): boolean =>
  optionsOf(entered).some((option) => option.long === long);

/** Translates another tool's flag into ours, if the command has an equivalent. */
function equivalent({name, value}: UnknownFlag, entered: Command): readonly string[] | undefined {
  if (Object.hasOwn(replaced, name)) return value === undefined ? replaced[name] : undefined;
  if (value === undefined) return undefined;
  if (name === '-n') return /^\d+$/.test(value) ? ['--limit', value] : undefined;
  if (selectors.has(name)) return hasFlag(entered, '--where') ? selectorTermWords(value) : undefined;
  const long = Object.hasOwn(renamedFlags, name) ? (renamedFlags[name] ?? '') : '';
  if (!hasFlag(entered, long)) return undefined;
  return [long, long === '--sort' ? value.replace(/^\{?\.|\}$/g, '') : value];
}

function followHint({argv, at}: UnknownFlag, entered: Command): string {
  const path = pathOf(entered);
  if (!path.startsWith('sessions ')) return 'to follow the cluster: gatectl dashboard';
  const line = [...argv.slice(0, at), ...argv.slice(at + 1)];
  const {words, flags} = splitFlags(line, optionsOf(entered));
  const isList = words.length === 2;
  return `to follow sessions: ${shownLine(['sessions', 'watch', ...(isList ? flags : [])])}`;
}
