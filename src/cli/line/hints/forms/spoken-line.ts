import {nounOfSynonym} from '../noun-synonyms.js';

/** Phrases of English at the start of a line, and the words that stand for them. */
const phrases: Readonly<Record<string, string>> = {
  ...{'how many': 'count', 'number of': 'count', 'how much': 'count'},
  ...{'who am i': 'whoami', 'where am i': 'whoami', 'which cluster am i on': 'whoami'},
  ...{
    'who is online': 'who',
    'whos online': 'who',
    "who's online": 'who',
    'show online': 'who',
    'list online': 'who',
  },
  ...{
    'online users': 'who',
    'users online': 'who',
    'online list': 'who',
    'list active': 'who',
    'list live': 'who',
  },
  ...{'who is': 'find', 'where is': 'find', 'which gates are': 'gates list', 'which gates': 'gates list'},
  ...{'what happened': 'audit list --since', 'what did': 'audit list --words', 'who did what': 'audit list'},
  ...{'who kicked whom': 'audit list --words kick', 'kicks list': 'audit list --words kick'},
  ...{
    'take a': 'take',
    'find out what is wrong': 'doctor',
    'what is wrong': 'doctor',
    'status cluster': 'doctor',
  },
  ...{
    'show cluster status': 'doctor',
    'system info': 'doctor',
    'show processlist': 'who',
    'throw out': 'kick',
  },
  ...{'show databases': 'contexts', 'bulk kick': 'kick', 'batch kick': 'kick', 'mass kick': 'kick'},
  ...{
    'get version': 'version',
    'print version': 'version',
    'display version': 'version',
    'info version': 'version',
  },
  ...{'which version': 'version', 'current version': 'version', 'server report': 'report', 'tail -f': 'tail'},
  ...{'report connections': 'sessions list', 'server connections': 'sessions list'},
};

const longestPhrase = 5;

/** Replaces a phrase of English at the start of a line by its command. Returns the same array if there is none. */
export function withoutPhrases(words: readonly string[]): readonly string[] {
  const lower = words.map((word) => word.toLowerCase());
  if (lower[0] === 'is' && words.length > 1 && !words[1]?.includes('@') && lower.at(-1) !== 'slow')
    return ['find', words[1] ?? ''];
  for (let length = Math.min(longestPhrase, words.length); length > 1; length--) {
    const phrase = lower.slice(0, length).join(' ');
    if (!Object.hasOwn(phrases, phrase)) continue;
    const rest = words.slice(length);
    const meant = [...(phrases[phrase] ?? '').split(' '), ...rest];
    return /^audit list --since/.test(meant.join(' '))
      ? ['audit', 'list', '--since', rest.join(' ') || '1d']
      : meant;
  }
  return words;
}

/**
 * Splits a first or second word that is made of known ones: `kick-user u42` becomes `kick user u42`, `listSessions` becomes
 * `list sessions`.
 */
export function splitCompounds(
  words: readonly string[],
  isKnown: (word: string) => boolean,
): readonly string[] {
  const at = words[0] !== undefined && nounOfSynonym(words[0]) !== undefined ? 1 : 0;
  const word = words[at] ?? '';
  const parts = word
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[-_]/);
  const areKnown = parts.every((part) => isKnown(part) || nounOfSynonym(part) !== undefined);
  if (parts.length < 2 || parts.length > 3 || isKnown(word) || !areKnown) return words;
  const [first = '', second = ''] = parts;
  const isRepeated =
    at === 1 && nounOfSynonym(first) === undefined && nounOfSynonym(second) === nounOfSynonym(words[0] ?? '');
  return [...words.slice(0, at), ...(isRepeated ? [first] : parts), ...words.slice(at + 1)];
}

/** Matches a noun with its target in one word, as kubectl and Redis write it: `user/u42`, `session:5f00`. */
const nounTarget = /^(users?|sessions?|records?|gates?|clients?|players?|nodes?|settings?)([/:])([^/:]+)$/;
/** Matches a uid with a setting in one word: `u42.vip`, `u42/vip=1`. */
const targetSetting = /^([A-Za-z_-]{0,20}\d[\w-]{0,40})[./:]([A-Za-z][\w-]{0,40})((?:=.*)?)$/s;
const settingVerbs: ReadonlySet<string> = new Set([
  ...['get', 'set', 'unset', 'hget', 'hset', 'hdel', 'put', 'del', 'rm', 'remove', 'delete', 'label', 'kv'],
]);

/** Splits words such as `user/u42`, and `u42.vip=1` of a line about settings. */
export function splitTargets(words: readonly string[]): readonly string[] {
  const isOfSettings = words
    .slice(0, 2)
    .some((word) => settingVerbs.has(word.toLowerCase()) || word === 'settings');
  return words.flatMap((word, at) => {
    if (at === 0) return [word];
    const [, noun = '', sign, target = ''] = nounTarget.exec(word) ?? [];
    if (noun !== '') return sign === ':' ? [target] : [noun, target];
    const [, uid = '', key = '', value = ''] = (isOfSettings && targetSetting.exec(word)) || [];
    return uid === '' ? [word] : [uid, `${key}${value}`];
  });
}

/** Fields of a shell expression of MongoDB, such as `uid:'u42'`. */
const mongoPair = /(?<![\w.])["']?([\w.]{1,60})["']?\s{0,5}:\s{0,5}["']?([\w.@-]{1,60})["']?/g;

/** Rewrites an expression of MongoDB's shell to a statement of SQL: `db.sessions.find({level:7})`. */
export function withoutMongo(words: readonly string[]): readonly string[] {
  const text = words.join(' ');
  const [, name = '', method = '', inner = ''] =
    /^(?:db\.)?(\w+)\.(\w+)\((.*)\)[^()]{0,40}$/s.exec(text) ?? [];
  const noun = nounOfSynonym(name.toLowerCase()) ?? (name === 'audit' ? name : undefined);
  if (noun === undefined) return words;
  const [filter = '', change = ''] = inner.split(/\}\s{0,5},/);
  const pairsOf = (part: string): readonly (readonly string[])[] =>
    [...part.matchAll(mongoPair)]
      .map(([, key = '', value = '']) => [key, value])
      .filter(([key]) => !key?.startsWith('$'));
  const where = pairsOf(filter).flatMap(([key, value], at) => [
    at === 0 ? 'where' : 'and',
    `${key}="${value}"`,
  ]);
  if (/^(?:delete|remove)/i.test(method)) return ['delete', 'from', noun, ...where];
  if (/^update/i.test(method)) return mongoUpdate(noun, where, change, pairsOf(change));
  if (method === 'aggregate') return inner.includes('$uid') ? ['duplicates'] : ['count', '--by', 'gate'];
  if (/count/i.test(text)) return ['select', 'count(*)', 'from', noun, ...where];
  const [, key = '', order = ''] = /sort\(\{\s{0,5}["']?(\w+)["']?\s{0,5}:\s{0,5}(-?1)/.exec(text) ?? [];
  const limit = /limit\((\d{1,9})\)/.exec(text)?.[1];
  const sorted = key === '' ? [] : ['order', 'by', key, order === '-1' ? 'desc' : 'asc'];
  const columns = pairsOf(change).map(([column = '']) => column);
  return [
    ...['select', columns.length > 0 ? columns.join(',') : '*', 'from', noun],
    ...(method === 'find' && filter.startsWith('{}') ? [] : where),
    ...sorted,
    ...(limit === undefined ? [] : ['limit', limit]),
  ];
}

function mongoUpdate(
  noun: string,
  where: readonly string[],
  change: string,
  pairs: readonly (readonly string[])[],
): readonly string[] {
  const uid = /uid="(.*)"/.exec(where[1] ?? '')?.[1];
  const id = /id="(.*)"/.exec(where[1] ?? '')?.[1];
  const target = uid ?? id ?? '';
  const [key = '', value = ''] = pairs[0] ?? [];
  if (noun === 'records' && key === 'ttl') return ['records', 'expire', target, `${value}s`];
  return change.includes('$unset') ? ['unset', target, key] : ['set', target, `${key}=${value}`];
}
