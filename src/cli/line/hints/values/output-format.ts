import {outputFormats} from '../../../../output/formats/presenter.js';
import {currentFieldName, selectorFieldNames} from '../../../../selector/selector-fields.js';
import {formatHintLine, formatHintWords} from '../hint-line.js';

/** Format names of other tools, and the equivalents. */
const otherNames: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['name', 'names', 'id', 'id-only', 'ids-only', 'only-ids'].map((name) => [name, 'ids']),
  ),
  ...Object.fromEntries(['text', 'human', 'pretty', 'plain', 'ascii'].map((name) => [name, 'table'])),
  ...{ndjson: 'jsonl', 'json-lines': 'jsonl', 'json-pretty': 'json', yml: 'yaml', tab: 'tsv'},
};

/** Flags of other tools whose value is a template. */
const templateFlags: ReadonlySet<string> = new Set([
  ...['--template', '--jsonpath', '--go-template', '--custom-columns', '--jq', '--query'],
]);

/** Matches the commands that have `--columns`. */
const withColumns = /^(?:sessions|records) list$/;

/** Names of columns that are not selector fields. */
const otherColumns: ReadonlySet<string> = new Set([
  'expires',
  'revision',
  'bytes',
  'connectedAt',
  'lastActiveAt',
]);

/**
 * Whether a text selects members of all rows in the languages of `jq` and of `aws --query`, such as `[].{id:id,uid:uid}` and
 * `.[].uid`. An expression with a condition or a function is none, because columns can't stand for it.
 */
export const isMemberExpression = (text: string): boolean =>
  /^\.?\w{0,20}\[[*\d]?\]/.test(text) && !/[?=<>(]/.test(text) && columnsIn(text).length > 0;

/** Whether a text is an expression of these languages, rather than a selector. */
export const isExpression = (text: string): boolean =>
  /^[.[{@]|^(?:length|keys|join|map|reverse|select|(?:sort|max|min)_by|to_\w{1,20})\(/.test(text);

/** Hint for an expression that columns can't stand for. */
export const columnsAdvice = 'to choose members: -o json --columns id,uid';

export const isTemplateFlag = (name: string): boolean => templateFlags.has(name);

/**
 * Converts an output format of another tool to flags: `json=id,uid`, `jsonpath={.id}` and a Go template become
 * `-o json --columns …`, `name` becomes `-o ids`. Returns undefined for any other string.
 */
export function translateOutputFormat(value: string, path: string): readonly string[] | undefined {
  const text = value.replace(/^=/, '');
  const plain = text.toLowerCase();
  const format = Object.hasOwn(otherNames, plain)
    ? otherNames[plain]
    : outputFormats.find((one) => one === plain);
  if (format !== undefined) return ['-o', format];
  const [, head = '', rest = ''] = /^([a-z-]+)[=:,(](.*)$/s.exec(text) ?? [];
  const isTable = head === 'custom-columns' || /^\{\{(?!json)/.test(text);
  const known = outputFormats.find((one) => one === head);
  const isTemplate =
    /^jsonpath$|^go-template/.test(head) || text.includes('{') || isTable || isMemberExpression(rest);
  if (known === undefined && !isTemplate) {
    const all = text.split(',');
    return all.every(isColumnName) && withColumns.test(path) ? ['--columns', all.join(',')] : undefined;
  }
  const names = known === undefined ? columnsIn(text) : columnsIn(rest);
  const columns = names.length > 0 && withColumns.test(path) ? ['--columns', names.join(',')] : [];
  if (isTable) return columns.length === 0 ? undefined : columns;
  return ['-o', known ?? 'json', ...columns];
}

/** Suggests the line with the value of its output flag replaced, if the error message is about that value. */
export function outputFormatHint(argv: readonly string[], message: string): string | undefined {
  const flag = outputFlag(argv);
  if (flag === undefined || !message.includes(`invalid value "${flag.value}"`)) return undefined;
  const {value, at, length} = flag;
  const path = argv.filter((word, place) => !word.startsWith('-') && (place < at || place >= at + length));
  const [noun = '', verb = ''] = path;
  const lineWith = (words: readonly string[]): readonly string[] => [
    ...argv.slice(0, at),
    ...words,
    ...argv.slice(at + length),
  ];
  if (/^prom|^openmetrics$/.test(value)) return `for Prometheus: ${formatHintLine(['metrics'])}`;
  const isFile =
    /[/.](?:jsonl?|gz|csv|ya?ml|tsv|txt)$/.test(value) || (noun === 'snapshot' && verb === 'save');
  if (isFile) return fileHint(lineWith([]), value, noun);
  const encoding = noun === 'decode' ? ['--encoding', value] : undefined;
  const words = translateOutputFormat(value, `${noun} ${verb}`) ?? encoding;
  return words && `did you mean: ${formatHintLine(lineWith(words))}`;
}

/** Returns the line of `decode` with `--encoding`, if the error is about an encoding that was given as a kind. */
export function encodingHint(argv: readonly string[], message: string): string | undefined {
  const [, value = ''] = /invalid value "(\w+)"/.exec(message) ?? [];
  const at = argv.indexOf(value);
  if (argv[0] !== 'decode' || at < 2 || !/^(?:hex|hexdump|base64|base64url|proto|protobuf)$/.test(value))
    return undefined;
  const words = value.startsWith('proto') ? [] : ['--encoding', value]; // protobuf is detected
  return `did you mean: ${formatHintLine([...argv.slice(0, at - 1), ...words, ...argv.slice(at + 1)])}`;
}

/** Suggests the line that writes to a file, passed to `snapshot save` as an argument, otherwise by shell redirection. */
function fileHint(line: readonly string[], file: string, noun: string): string {
  if (noun === 'snapshot') return `did you mean: ${formatHintLine([...line, file])}`;
  const format = outputFormats.find((one) => file.endsWith(`.${one}`)) ?? 'json';
  return `to write to a file: ${formatHintLine([...line, '-o', format])} > ${formatHintWords([file])}`;
}

interface OutputFlag {
  readonly at: number;
  readonly length: number;
  readonly value: string;
}

function outputFlag(argv: readonly string[]): OutputFlag | undefined {
  for (const [at, word] of argv.entries()) {
    const [, inline] = /^(?:--(?:output|format|output-format)=|-o)(.+)$/s.exec(word) ?? [];
    if (inline !== undefined) return {at, length: 1, value: inline};
    if (/^(?:-o|--output|--format|--output-format)$/.test(word))
      return {at, length: 2, value: argv[at + 1] ?? ''};
  }
  return undefined;
}

/** Whether a word is the name of a session or record column. */
export const isColumnName = (word: string): boolean =>
  selectorFieldNames.some((name) => name === currentFieldName(word.toLowerCase())) ||
  otherColumns.has(word) ||
  /^settings\.\w/.test(word);

/** Returns the distinct columns in a template: `id` and `uid` for `{{.ID}} {{.Uid}}`. */
function columnsIn(template: string): readonly string[] {
  const words = template.match(/[A-Za-z][\w.]*/g) ?? [];
  const names = words.map((word) => (otherColumns.has(word) ? word : word.toLowerCase()));
  return [...new Set(names.filter(isColumnName))];
}

/** Replaces an output format of another tool in the global flags, such as `-o name`, by its equivalent. */
export function translateOutput(path: string, flags: readonly string[]): readonly string[] {
  const at = flags.findIndex((word) => word === '-o' || word === '--output');
  if (path === 'metrics' && at >= 0 && /^(?:prom|openmetrics|text)/.test(flags[at + 1] ?? ''))
    return flags.toSpliced(at, 2);
  const words = at < 0 ? undefined : translateOutputFormat(flags[at + 1] ?? '', path);
  return words === undefined ? flags : [...flags.slice(0, at), ...words, ...flags.slice(at + 2)];
}

/** Removes a translated `-o json`, which must not replace the format on the line. */
export const withoutOutput = (flags: readonly string[]): readonly string[] =>
  flags.filter((word, at) => word !== '-o' && flags[at - 1] !== '-o');
