import {outputFormats} from '../../../output/formats/presenter.js';
import {flagSynonyms} from './synonyms.js';
import {labelSelectorFlags} from './values/label-selector.js';
import {isTemplateFlag, translateOutputFormat} from './values/output-format.js';

/** Flags of other tools that take no value, with their replacements. */
const replaced: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(outputFormats.map((format) => [`--${format}`, ['-o', format]])),
  '--no-headers': ['-o', 'tsv'],
  '--no-header': ['-o', 'tsv'],
  '--no-color': ['--color', 'never'],
  '--silent': ['--quiet'],
  '-H': ['--header'],
  ...Object.fromEntries(
    ['--noheader', '--noheaders', '--plain', '--raw'].map((name) => [name, ['-o', 'tsv']]),
  ),
  ...Object.fromEntries(
    ['--ids-only', '--only-ids', '--id-only', '--names', '--name-only', '--names-only'].map((name) => [
      name,
      ['-o', 'ids'],
    ]),
  ),
  ...Object.fromEntries(
    ['--headers', '--with-header', '--with-headers', '--show-header', '--show-headers'].map((name) => [
      name,
      ['--header'],
    ]),
  ),
  '--show-labels': ['-o', 'wide'],
  ...Object.fromEntries(
    ['--by-gate', '--per-gate', '--each-gate', '--gates'].map((flag) => [flag, ['--by', 'gate']]),
  ),
  '-A': [],
  '--all-namespaces': [],
};

/** Further replacements, which are only suggested in hints because they change what a command does. */
export const replacementsOnlyForHints: Readonly<Record<string, readonly string[]>> = {
  '--force': ['--yes'],
  '--no-prompt': ['--yes'],
  '--assume-yes': ['--yes'],
  '--dryrun': ['--dry-run'],
  '--server-dry-run': ['--dry-run'],
  '--overwrite': [],
  ...Object.fromEntries(['--id', '--short', '--brief', '-1'].map((name) => [name, ['-o', 'ids']])),
};

/** Matches flags that ask for an acknowledgement of a message, which `send --qos 1` waits for. */
export const acknowledgementFlag =
  /^--(?:ack(?:s|ed|nowledged?)?|wait(?:-ack)?|confirm(?:ed)?|receipts?|report|delivered|deliveries|reliable|track)$/;

/** Whether a flag of another tool selects a format of ours: `--as csv`. */
export const isFormatFlag = (name: string, value = ''): boolean =>
  /^(?:--(?:as|to|type|kind|style|print|encoding)|-[OtFT])$/.test(name) &&
  outputFormats.some((one) => one === value.toLowerCase());

const formatFlags: ReadonlySet<string> = new Set(['--format', '--output-format', '--fmt']);

const selectors: ReadonlySet<string> = new Set([
  '-l',
  '--selector',
  '--label',
  '--labels',
  '--field-selector',
]);

/** Flags that follow a listing in other tools. */
export const followFlags: ReadonlySet<string> = new Set(['-w', '--watch', '-f', '--follow', '--tail']);

/** Whether the word after this flag is its value. */
export const flagTakesValue = (name: string): boolean =>
  Object.hasOwn(flagSynonyms, name) ||
  isTemplateFlag(name) ||
  selectors.has(name) ||
  ['-n', '--namespace', '--port'].includes(name);

/** A flag of another tool. */
interface ForeignFlag {
  readonly name: string;
  readonly value: string | undefined;
}

/** Converts a flag of another tool to flags of this one; undefined if the command has no equivalent. */
export function equivalentFlags(
  {name, value}: ForeignFlag,
  has: (long: string) => boolean,
): readonly string[] | undefined {
  if (name === '--json' && value !== undefined)
    return has('--columns') ? ['-o', 'json', '--columns', value] : undefined;
  if (Object.hasOwn(replaced, name)) return value === undefined ? replaced[name] : undefined;
  if (value === undefined) return undefined;
  if (has(name)) return value === 'true' ? [name] : value === 'false' ? [] : undefined; // a switch
  if (isFormatFlag(name, value)) return ['-o', value.toLowerCase()];
  const form = formatFlags.has(name)
    ? translateOutputFormat(value, has('--columns') ? 'sessions list' : '')
    : undefined;
  if (form !== undefined) return form;
  if (name === '-n') return /^\d+$/.test(value) ? ['--limit', value] : undefined;
  if (isTemplateFlag(name))
    return translateOutputFormat(`${name.slice(2)}=${value}`, has('--columns') ? 'sessions list' : '');
  if (selectors.has(name)) return has('--where') ? labelSelectorFlags(value) : undefined;
  if (name === '--port') return has('--listen') ? ['--listen', `127.0.0.1:${value}`] : undefined;
  const ours = Object.hasOwn(flagSynonyms, name) ? (flagSynonyms[name] ?? '').split(' ') : [];
  const long = ours.find(has);
  if (long === undefined || (long === '--limit' && !/^\d+$/.test(value))) return undefined;
  return [long, long === '--sort' ? value.replace(/^\{?\.|\}$/g, '') : value];
}
