import type {Command} from 'commander';
import {outputFormats} from '../../../../output/formats/presenter.js';
import {findCommand} from '../../../catalogue.js';
import type {MistypedLine} from '../forms/other-tools.js';
import {formatHintLine, formatHintWords} from '../hint-line.js';
import {isColumnName} from './output-format.js';
import {auditFlags} from './plain-arguments.js';
import {joinTimeWords} from './time-words.js';

/** Values of flags in other tools, and the equivalent choices. */
const otherChoices: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['duplicate', 'duplicates', 'duplicated', 'dup', 'dups', 'dupes', 'doubles'].map((word) => [
      word,
      'duplicate-uid',
    ]),
  ),
  ...{x: 'hex', b64: 'base64', dump: 'hexdump', orphans: 'orphan', ghosts: 'ghost', guests: 'old-guest'},
};

/**
 * Suggests the line with extra words as the value of the flag that accepts them: `sessions list id,uid`,
 * `anomalies duplicate-uid`, `decode hex 0a0f`, `audit list --since 2 hours ago`. Returns undefined if no flag accepts them.
 */
export function extraWordsHint(
  argv: readonly string[],
  {words, flags}: MistypedLine,
  entered: Command,
  path: string,
): string | undefined {
  const args = words.slice(path.split(' ').length);
  const lineOf = (more: readonly string[]): string =>
    `did you mean: ${formatHintLine([...path.split(' '), ...more, ...flags])}`;
  const timed = joinTimeWords(argv);
  if (timed !== argv) return `did you mean: ${formatHintLine(timed)}`;
  const columns = args.flatMap((word) => word.split(','));
  if (has(entered, '--columns') && columns.every(isColumnName))
    return lineOf(['--columns', columns.join(',')]);
  if (has(entered, '--node') && args.every((word) => /^\w+@[^/]+$/.test(word)))
    return lineOf(args.flatMap((node) => ['--node', node]));
  if (has(entered, '--words') && args.every((word) => /^\w/.test(word))) return lineOf(auditFlags(args));
  const [first = '', ...rest] = args;
  if (
    entered.registeredArguments.length === 0 &&
    rest.length === 0 &&
    outputFormats.some((one) => one === first)
  )
    return lineOf(['-o', first]);
  const chosen = flagOfChoice(entered, first);
  if (chosen !== undefined) return lineOf([...chosen, rest.join('')].filter((word) => word !== ''));
  const hex = args.filter((word) => /^(?:0x)?(?:[\da-f]{2})+$/i.test(word));
  return path === 'decode' && hex.length > 0 ? lineOf([hex.join('')]) : undefined;
}

/**
 * Suggests the line of a read command without its extra words, and lists these: `trace` for `trace calls`. Returns undefined for
 * a command that takes arguments, because an extra word may be one of them.
 */
export function droppedWordsHint(
  {words, flags}: MistypedLine,
  entered: Command,
  path: string,
): string | undefined {
  if (entered.registeredArguments.length > 0 || findCommand(path)?.risk !== 'read') return undefined;
  const extra = words.slice(path.split(' ').length);
  return `did you mean: ${formatHintLine([...path.split(' '), ...flags])} (left out: ${formatHintWords(extra)})`;
}

/** Returns the flag and the choice that a word stands for: `--hex` of `decode` is `--encoding hex`. */
export function flagOfChoice({options}: Command, word: string): readonly string[] | undefined {
  const choice = Object.hasOwn(otherChoices, word) ? (otherChoices[word] ?? word) : word;
  const option = options.find(({parseArg}) => choicesOf(parseArg).includes(choice));
  return option?.long === undefined || option.long === null ? undefined : [option.long, choice];
}

/** Returns the choices of a parser that `parseChoice` or `parseChoices` made. */
function choicesOf(parser: unknown): readonly unknown[] {
  if (typeof parser !== 'function') return [];
  const {choices, listed} = parser as {choices?: unknown; listed?: unknown};
  return [choices, listed].find(Array.isArray) ?? [];
}

const has = ({options}: Command, long: string): boolean => options.some((option) => option.long === long);
