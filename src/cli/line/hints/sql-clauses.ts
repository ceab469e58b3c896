import {correctSelector} from '../../../selector/correct-selector.js';
import {groupingNames} from '../../../selector/grouping.js';
import {labelSelectorFlags} from './values/label-selector.js';

/** Commands that list or count, and take conditions, an order and a limit as flags. */
export const isListingCommand = (path: string): boolean =>
  /^(?:sessions (?:list|count|top|watch)|records list)$/.test(path);

/** Words of SQL that begin a clause, and the flag that each stands for. */
const clauses: Readonly<Record<string, '--where' | '--sort' | '--by' | '--limit'>> = {
  ...{
    where: '--where',
    with: '--where',
    having: '--where',
    have: '--where',
    has: '--where',
    whose: '--where',
    if: '--where',
  },
  ...{
    order: '--sort',
    sort: '--sort',
    sorted: '--sort',
    orderby: '--sort',
    'order-by': '--sort',
    'sort-by': '--sort',
  },
  ...{group: '--by', by: '--by', per: '--by', grouped: '--by', groupby: '--by', 'group-by': '--by'},
  ...{limit: '--limit', top: '--limit', first: '--limit', head: '--limit'},
};

/** Connecting words, which are ignored. */
const fillers: ReadonlySet<string> = new Set([
  ...['by', 'from', 'on', 'of', 'in', 'each', 'every', 'all', '*', 'and'],
  ...[
    'users',
    'sessions',
    'setting',
    'settings',
    'user',
    'uids',
    'events',
    'connects',
    'disconnects',
    'connections',
  ],
]);

/**
 * Replaces the words of a listing that are clauses of SQL or bare conditions by flags: `where level=7 order by age limit 5` by
 * `--where 'settings.level == "7"' --sort age --limit 5`, and `level=7` by `--setting level=7`. Keeps all other words.
 */
export function translateSqlClauses(words: readonly string[]): readonly string[] {
  const flags: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const clause = clauseOf(word.toLowerCase());
    if (clause !== undefined) {
      const end = clauseEnd(words, at + 1);
      flags.push(...clauseFlags(clause, words.slice(at + 1, end)));
      at = end - 1;
    } else if (/^(?:asc|desc)(?:ending)?$/i.test(word) && flags.includes('--sort')) {
      const value = flags.indexOf('--sort') + 1;
      flags[value] = `${flags[value]}:${word.toLowerCase().startsWith('asc') ? 'asc' : 'desc'}`;
    } else if (word.startsWith('-'))
      flags.push(word, ...(word.includes('=') || at + 1 === words.length ? [] : [words[++at] ?? '']));
    else if (isPair(words, at)) flags.push('--setting', `${word}=${words[++at]}`);
    else flags.push(...termFlags(word));
  }
  return flags;
}

/** Whether two words are a setting and its value: `level 7`. */
const isPair = (words: readonly string[], at: number): boolean =>
  /^[a-z][\w-]{1,40}$/i.test(words[at] ?? '') &&
  /^\d{1,9}$/.test(words[at + 1] ?? '') &&
  !fillers.has(words[at] ?? '') &&
  !groupingNames.includes(words[at] ?? '');

const clauseOf = (word: string): (typeof clauses)[string] | undefined =>
  Object.hasOwn(clauses, word) ? clauses[word] : undefined;

/** Returns the index of the next clause or flag; `order by` is one clause. */
function clauseEnd(words: readonly string[], from: number): number {
  const rest = words.slice(from);
  const end = rest.findIndex(
    (word, at) =>
      word.startsWith('--') ||
      (clauseOf(word.toLowerCase()) !== undefined && (at > 0 || word.toLowerCase() !== 'by')),
  );
  return end < 0 ? words.length : from + end;
}

function clauseFlags(clause: (typeof clauses)[string], given: readonly string[]): readonly string[] {
  const words = given.filter((word, at) => at > 0 || !fillers.has(word.toLowerCase()));
  if (words.length === 0) return [];
  if (clause === '--where') {
    const plain = words.filter((word) => !/^settings?$/.test(word));
    if (plain.length === 2 && isPair(plain, 0)) return ['--setting', plain.join('=')];
    const text = plain.join(' ');
    return ['--where', correctSelector(text) ?? text];
  }
  const [named = '', direction = ''] = words;
  const isTime = /^(?:connected(?:_?at)?|created(?:_?at)?|started_?at|login_?time|start|since)$/i.test(named);
  const value = clause === '--sort' && (isTime || named === 'uptime') ? 'age' : named;
  const isDirection = /^(?:asc|desc)/i.test(direction);
  if (clause === '--sort' && isDirection)
    return ['--sort', `${value}:${direction.toLowerCase().startsWith('asc') === isTime ? 'desc' : 'asc'}`];
  if (clause === '--sort' && isTime) return ['--sort', 'age:desc', ...words.slice(1).flatMap(termFlags)];
  return [clause, value, ...words.slice(1).flatMap(termFlags)];
}

/** A bare number with at most this many digits is a limit; a longer one is more likely a uid. */
const limitDigits = 3;

function termFlags(word: string): readonly string[] {
  if (/^\d+$/.test(word) && word.length <= limitDigits) return ['--limit', word];
  if (/^\w+@[^/=]+$/.test(word)) return ['--gate', word];
  if (/^\w[\w.]*[!=]?=./.test(word)) return labelSelectorFlags(word);
  if (groupingNames.includes(word) || /^settings?\.\w/.test(word)) return ['--by', word];
  return fillers.has(word) ? [] : [word];
}

/** Whether the first word is a condition or a clause of a listing: `level=7`, `limit 5`. */
export const beginsWithSqlClause = (words: readonly string[]): boolean =>
  translateSqlClauses(words)[0]?.startsWith('--') === true;

const orderWord = /^(?:where|order|orderby|order-by|sort|sorted|sort-by|limit|asc|desc)$/i;
const listingFlag =
  /^--(?:sort(?:-?by)?|order(?:-?by)?|limit|where|filter|query|jq|columns?|cols?|fields?|select|gate|setting)(?:=|$)/;

/** Whether the words of a search are clauses or flags of a listing, so that none of them is a uid: `order by age limit 5`. */
export const asksForListing = (words: readonly string[]): boolean =>
  words.some((word) => orderWord.test(word)) ||
  (words[0]?.startsWith('-') === true && words.some((word) => listingFlag.test(word)));

/** Sort directions requested by flags of other tools; undefined for the reverse of the default. */
const directions: Readonly<Record<string, 'asc' | 'desc' | undefined>> = {
  '--asc': 'asc',
  '--ascending': 'asc',
  '--desc': 'desc',
  '--descending': 'desc',
  '--reverse': undefined,
  '--reversed': undefined,
  '-r': undefined,
};

/** Flags of other tools that list the youngest or oldest sessions first, optionally followed by a count. */
const ages: Readonly<Record<string, string>> = {
  '--newest': 'age:asc',
  '--latest': 'age:asc',
  '--youngest': 'age:asc',
  '--oldest': 'age:desc',
  '--longest': 'age:desc',
  ...Object.fromEntries(['--last', '--tail', '--recent', '--new'].map((flag) => [flag, 'age:asc'])),
};

/**
 * Replaces a flag that orders a listing in other tools: `--newest 5` by `--sort age:asc --limit 5`. Returns a hint where the
 * field is missing; undefined for any other flag.
 */
export function translateOrderFlag(
  argv: readonly string[],
  unknown: string,
): readonly string[] | string | undefined {
  const at = argv.indexOf(unknown);
  const [name = '', inline] = unknown.split('=', 2);
  if (Object.hasOwn(ages, name)) {
    const next = inline ?? argv[at + 1] ?? '';
    const isCount = /^\d+$/.test(next);
    if (name === '--tail' && !isCount) return undefined; // without a count, `--tail` follows new rows
    const words = ['--sort', ages[name] ?? '', ...(isCount ? ['--limit', next] : [])];
    const rest = argv.slice(at + (isCount && inline === undefined ? 2 : 1));
    return [...argv.slice(0, at), ...words, ...rest];
  }
  if (name === '--order' && /^(?:asc|desc)/i.test(inline ?? argv[at + 1] ?? '')) {
    const flag = (inline ?? argv[at + 1] ?? '').toLowerCase().startsWith('asc') ? '--asc' : '--desc';
    return translateOrderFlag(
      [...argv.slice(0, at), flag, ...argv.slice(at + (inline === undefined ? 2 : 1))],
      flag,
    );
  }
  if (!Object.hasOwn(directions, name)) return undefined;
  const line = argv.filter((_, place) => place !== at);
  const place = line.findIndex((word) => word === '--sort' || word.startsWith('--sort='));
  const field = line[place]?.startsWith('--sort=') === true ? line[place].slice(7) : line[place + 1];
  if (place < 0 && directions[name] !== 'desc') return [...line, '--sort', 'age:asc'];
  if (place < 0 || field === undefined || /^-|:/.test(field))
    return 'set the direction in the sort field: --sort <field>:asc or --sort <field>:desc, for example --sort age:asc';
  const direction = directions[name];
  const turned = direction === undefined ? `-${field}` : `${field}:${direction}`;
  const length = line[place] === '--sort' ? 2 : 1;
  return [...line.slice(0, place), `--sort=${turned}`, ...line.slice(place + length)];
}
