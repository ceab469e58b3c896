import {outputFormats} from '../../../output/formats/presenter.js';
import {labelSelectorFlags} from './values/label-selector.js';
import {isExpression, isTemplateFlag, translateOutputFormat} from './values/output-format.js';

/** Flags of other tools that take no value, with their replacements. */
const replaced: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(outputFormats.map((format) => [`--${format}`, ['-o', format]])),
  '--no-headers': ['-o', 'tsv'],
  '--no-header': ['-o', 'tsv'],
  '--no-color': ['--color', 'never'],
  '--silent': ['--quiet'],
  '-H': ['--header'],
  ...Object.fromEntries(
    ['--noheader', '--noheaders', '--plain', '--raw', '--porcelain', '--machine', '--script'].map((name) => [
      name,
      ['-o', 'tsv'],
    ]),
  ),
  ...Object.fromEntries(
    [
      '--ids-only',
      '--only-ids',
      '--id-only',
      '--only-id',
      '--terse',
      '--names',
      '--name-only',
      '--names-only',
    ].map((name) => [name, ['-o', 'ids']]),
  ),
  ...Object.fromEntries(
    ['--headers', '--with-header', '--with-headers', '--show-header', '--show-headers'].map((name) => [
      name,
      ['--header'],
    ]),
  ),
  '--show-labels': ['-o', 'wide'],
  '--as-csv': ['-o', 'csv'],
  '--csv-header': ['-o', 'csv'],
  '-j': ['-o', 'json'],
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
  ...Object.fromEntries(
    [
      '--overwrite',
      '--ignore-daemonsets',
      '--delete-emptydir-data',
      '--delete-local-data',
      '--pretty',
      '--now',
    ].map((name) => [name, []]),
  ),
  ...Object.fromEntries(['--id', '--short', '--brief', '-1'].map((name) => [name, ['-o', 'ids']])),
};

/** Flags of other tools and their equivalents here, which take the same value. */
export const flagSynonyms: Readonly<Record<string, string>> = {
  '--format': '--output',
  '--sort-by': '--sort',
  '--order-by': '--sort',
  ...Object.fromEntries(['--order', '--orderby', '--sortby', '--rank'].map((flag) => [flag, '--sort'])),
  ...Object.fromEntries(['--per', '--group', '--each'].map((flag) => [flag, '--by'])),
  ...Object.fromEntries(
    ['--settings', '--attr', '--property', '--metadata', '--tag', '--tags', '--label'].map((flag) => [
      flag,
      '--setting',
    ]),
  ),
  ...Object.fromEntries(
    ['--head', '--top', '--first', '--size', '--max-count', '--limits', '--rows'].map((flag) => [
      flag,
      '--limit',
    ]),
  ),
  ...Object.fromEntries(['--types', '--event', '--events'].map((flag) => [flag, '--kinds --words'])),
  '--group-by': '--by',
  '--groupby': '--by',
  '--filter': '--where --words',
  '--query': '--where',
  '--node': '--gate',
  '-g': '--gate',
  ...Object.fromEntries(
    [
      '--throttle',
      '--limit-rate',
      '--rate-limit',
      '--per-second',
      '--max-per-second',
      '--pace',
      '--speed',
    ].map((flag) => [flag, '--rate']),
  ),
  '--batch-size': '--rate',
  '-u': '--uid',
  '--user-id': '--uid --target',
  '--userid': '--uid --target',
  '--uid': '--target',
  ...Object.fromEntries(
    [
      '--fields',
      '--field',
      '--cols',
      '--col',
      '--column',
      '--select',
      '--only',
      '--attributes',
      '--project',
      '--projection',
      '--keys',
      '--show',
      '--include',
      '--pick',
      '--output-fields',
      '--properties',
      '-F',
    ].map((name) => [name, '--columns']),
  ),
  '-c': '--columns --limit',
  '--cluster': '--context',
  ...Object.fromEntries(['--input-format', '--enc', '--in', '-e'].map((name) => [name, '--encoding'])),
  '--kind': '--as --kinds',
  ...Object.fromEntries(
    ['--addr', '--address', '--bind', '--listen-address'].map((name) => [name, '--listen']),
  ),
  '--output-format': '--output',
  '--fmt': '--output',
  '--after': '--since',
  '--from': '--since --encoding',
  '--before': '--until',
  '--start': '--since',
  '--date': '--since',
  '--end': '--until',
  '--to': '--until',
  ...Object.fromEntries(
    [
      '--actor',
      '--author',
      '--by',
      '--who',
      '--grep',
      '--action',
      '--verb',
      '--search',
      '--operator',
      '--cmd',
      '--operation',
    ].map((name) => [name, '--words']),
  ),
  '--type': '--words --as --kinds',
  '--session': '--target',
  '--id': '--target',
  '--max': '--limit',
  '--lines': '--limit',
  '--count': '--limit',
  '--host': '--server',
  '--url': '--server',
  '--servers': '--server',
  '--request-timeout': '--timeout',
};

/** Matches flags that ask for an acknowledgement of a message, which `send --qos 1` waits for. */
export const acknowledgementFlag =
  /^--(?:(?:require-|request-|with-)?ack(?:s|ed|nowledged?)?|wait(?:-ack)?|confirm(?:ed)?|receipts?|report|verify|delivered|deliveries|delivery(?:-report|-receipt)?|guaranteed?|reliable|track)$/;

/** Whether a flag of another tool selects a format of ours: `--as csv`. */
export const isFormatFlag = (name: string, value = ''): boolean =>
  /^(?:--(?:as|to|type|kind|style|print|encoding|out|export|mode)|-[OtFTf])$/.test(name) &&
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
  ['-n', '--namespace', '--port', '--hours', '--days'].includes(name);

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
  if (Object.hasOwn(replaced, name)) {
    const [long = '-o'] = replaced[name] ?? [];
    return value === undefined && (long === '-o' || !long.startsWith('--by') || has(long))
      ? replaced[name]
      : undefined;
  }
  const time = /^--(yesterday|today)$/.exec(name)?.[1];
  if (time !== undefined) return has('--since') ? ['--since', time] : undefined;
  const unit = /^--(hour|day)s$/.exec(name)?.[1];
  if (unit !== undefined && /^\d+$/.test(value ?? ''))
    return has('--since') ? ['--since', `${value}${unit[0]}`] : undefined;
  if (value === undefined) return undefined;
  if (has(name)) return value === 'true' ? [name] : value === 'false' ? [] : undefined; // a switch
  if (isFormatFlag(name, value)) return ['-o', value.toLowerCase()];
  const form = formatFlags.has(name)
    ? translateOutputFormat(value, has('--columns') ? 'sessions list' : '')
    : undefined;
  if (form !== undefined) return form;
  if (name === '-n') return /^\d+$/.test(value) ? ['--limit', value] : undefined;
  if (isTemplateFlag(name) && (name !== '--query' || isExpression(value)))
    return translateOutputFormat(`${name.slice(2)}=${value}`, has('--columns') ? 'sessions list' : '');
  if (selectors.has(name)) return has('--where') ? labelSelectorFlags(value) : undefined;
  if (name === '--port') return has('--listen') ? ['--listen', `127.0.0.1:${value}`] : undefined;
  const ours = Object.hasOwn(flagSynonyms, name) ? (flagSynonyms[name] ?? '').split(' ') : [];
  const long = ours.find(has);
  if (long === undefined || (long === '--limit' && !/^\d+$/.test(value))) return undefined;
  if (long === '--where' && /^!?[\w.-]+!?==?[\w.@:-]+$/.test(value)) return labelSelectorFlags(value);
  return [long, long === '--sort' ? value.replace(/^\{?\.|\}$/g, '') : value];
}
