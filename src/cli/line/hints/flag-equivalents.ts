import {formats} from '../../../output/formats/presenter.js';
import {renamedFlags} from './guessed-words.js';
import {selectorTermWords} from './label-terms.js';

/** Flags of other tools that take no value, with their replacements. */
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

/** Further replacements, which are only suggested in hints because they change what a command does. */
export const replacedInHint: Readonly<Record<string, readonly string[]>> = {
  '--force': ['--yes'],
  '--no-prompt': ['--yes'],
  '--assume-yes': ['--yes'],
  '--dryrun': ['--dry-run'],
  '--server-dry-run': ['--dry-run'],
  '--overwrite': [],
};

const selectors: ReadonlySet<string> = new Set([
  '-l',
  '--selector',
  '--label',
  '--labels',
  '--field-selector',
]);

/** Flags that follow a listing in other tools. */
export const follows: ReadonlySet<string> = new Set(['-w', '--watch', '-f', '--follow', '--tail']);

/** Whether the word after this flag is its value. */
export const takesValue = (name: string): boolean =>
  Object.hasOwn(renamedFlags, name) || selectors.has(name) || name === '-n' || name === '--namespace';

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
  if (name === '-n') return /^\d+$/.test(value) ? ['--limit', value] : undefined;
  if (selectors.has(name)) return has('--where') ? selectorTermWords(value) : undefined;
  const long = Object.hasOwn(renamedFlags, name) ? (renamedFlags[name] ?? '') : '';
  if (!has(long)) return undefined;
  return [long, long === '--sort' ? value.replace(/^\{?\.|\}$/g, '') : value];
}
