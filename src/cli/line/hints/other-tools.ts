import {correctSelector} from '../../../selector/correct-selector.js';
import {fieldByLogName, findSelectorField} from '../../../selector/selector-fields.js';
import {nounOfSynonym} from './noun-synonyms.js';
import {joinTimeWords} from './values/time-words.js';

/** A line without a known command: its words in order, and its global flags with their values. */
export interface MistypedLine {
  readonly words: readonly string[];
  readonly flags: readonly string[];
  /** Whether the program can ask for confirmation. If not, suggested lines contain `--yes`. */
  readonly canAsk?: boolean | undefined;
  /** Whether writes run without a question, because of GATECTL_YES. */
  readonly isConfirmed?: boolean | undefined;
}

/** Flags of other tools that correspond to an argument, by argument. */
const argumentFlags: Readonly<Record<string, string>> = {
  session: '--session --session-id --sessions --sid --id --client --client-id --to --target-id',
  user: '-u --uid --user --user-id --userid --uids --to-user',
  topic: '-t --topic --subject --channel',
  body: '-m --message --msg --body --text --payload --data --content -d',
  key: '-k --key --name --field',
  value: '--value --val',
};

/** Arguments in their order, by command. `user` is the target, for bind the uid. */
const argumentOrders: Readonly<Record<string, readonly string[]>> = {
  send: ['session', 'topic', 'body'],
  broadcast: ['topic', 'body'],
  bind: ['session', 'user'],
  'settings get': ['session', 'key'],
  'settings unset': ['session', 'key'],
  'settings set': ['session', 'key'],
};

/**
 * Moves the values of flags to the arguments that they name: `send --to X -t /news -m hello` is `send X /news hello`. `user` is
 * the value of `--user`, and is taken if the words lack an argument; `selects` is true if flags select the sessions.
 */
export function moveFlagsToArguments(
  path: string,
  words: readonly string[],
  {user, selects}: {readonly user: string | undefined; readonly selects: boolean},
): {readonly words: readonly string[]; readonly tookUser: boolean; readonly namesUser: boolean} {
  const order = argumentOrders[path]?.filter((name) => !selects || name !== 'session');
  const named = new Map<string, string>();
  const rest: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const [flag = '', ...inline] = (words[at] ?? '').split('=');
    const name = flag.startsWith('-') ? argumentOf(flag) : undefined;
    if (name === undefined) rest.push(words[at] ?? '');
    else named.set(name, inline.length > 0 ? inline.join('=') : (words[++at] ?? ''));
  }
  if (order === undefined) return {words, tookUser: false, namesUser: false};
  const lacks = rest.length < order.length - named.size && !selects;
  const tookUser = user !== undefined && lacks && !named.has('user');
  if (tookUser) named.set('user', user);
  if (named.size === 0) return {words, tookUser, namesUser: false};
  const [key, value, uid] = [named.get('key'), named.get('value'), named.get('user')];
  if (path === 'settings set' && key !== undefined && value !== undefined)
    named.set('key', `${key}=${value}`);
  if (path !== 'bind' && uid !== undefined) named.set('session', `uid:${uid.replace(/^uid:/, '')}`);
  const args = order.flatMap((name) => named.get(name) ?? rest.splice(0, 1));
  return {words: [...args, ...rest], tookUser, namesUser: uid !== undefined};
}

/** Whether a flag of another tool names an argument of a command. */
export const isArgumentFlag = (path: string, flag: string): boolean =>
  argumentOrders[path] !== undefined && argumentOf(flag) !== undefined;

const argumentOf = (flag: string): string | undefined =>
  Object.entries(argumentFlags).find(([, flags]) => flags.split(' ').includes(flag))?.[0];

/** Rewrites `pub -q 1 …` to `pub … --qos 1`. `-q` is a global flag of ours. */
function withQos({words, flags, ...line}: MistypedLine): MistypedLine {
  const level = flags.includes('-q') ? words.findIndex((word) => /^[012]$/.test(word)) : -1;
  if (level < 0) return {words, flags, ...line};
  const others = words.filter((_, at) => at !== level);
  const rest = flags.filter((flag) => flag !== '-q');
  return {...line, words: [...others, '--qos', words[level] ?? ''], flags: rest};
}

/** Rewrites a statement of SQL, as words or as one quoted text: `select * from sessions where …` to `sessions list where …`. */
function withoutSql(words: readonly string[]): readonly string[] {
  const spoken = (words.length === 1 ? (words[0] ?? '').split(/\s+/) : words).map((word) =>
    word.replace(/;$/, ''),
  );
  const verb = spoken[0]?.toLowerCase() ?? '';
  const lower = spoken.map((word) => word.toLowerCase());
  const at = verb === 'update' ? 0 : lower.indexOf('from');
  const noun = nounOfSynonym(lower[at + 1] ?? '');
  if (noun === undefined || at < 0) return words;
  const rest = spoken.slice(at + 2).filter((word) => word !== '');
  if (verb === 'select') return [noun, ...selected(spoken.slice(1, at), noun), ...rest];
  const where = rest.findIndex((word) => word.toLowerCase() === 'where');
  const end = rest.findIndex((word, place) => place > where && /^(?:limit|order)$/i.test(word));
  const text = rest.slice(where + 1, end < 0 ? undefined : end).join(' ');
  if (where < 0) return words;
  const target = ['--where', correctSelector(text) ?? text];
  if (verb === 'delete' && noun === 'sessions') return ['sessions', 'kick', ...target];
  const uid = /^uid\s{0,9}=\s{0,9}["']?([^"'\s]+)["']?$/.exec(text)?.[1];
  if (verb === 'delete') return noun === 'records' && uid !== undefined ? ['records', 'delete', uid] : words;
  if (verb !== 'update' || noun !== 'sessions' || lower[2] !== 'set') return words;
  const pairs = rest.slice(1, where).join('').split(',');
  return ['settings', 'set', ...target, ...pairs.map((pair) => pair.replaceAll(/["']/g, ''))];
}

/** Returns the verb and the columns of a `select`. */
function selected(words: readonly string[], noun: string): readonly string[] {
  const names = words
    .join(' ')
    .split(/[\s,]+/)
    .filter((name) => name !== '' && name.toLowerCase() !== 'distinct');
  if (names.some((name) => /^count\b/i.test(name)) && noun === 'sessions') return ['count'];
  if (noun !== 'sessions' || names.length === 0 || names.some((name) => !/^\w[\w.]*$/.test(name)))
    return ['list'];
  const columns = names.map((name) => fieldByLogName(name) ?? columnNamed(name));
  return ['list', '--columns', columns.join(',')];
}

const columnNamed = (name: string): string =>
  findSelectorField(name) !== undefined || name.startsWith('settings.') ? name : `settings.${name}`;

const labelVerbs: ReadonlySet<string> = new Set(['label', 'annotate']);

/** Programs whose name users type before a command out of habit, as in `nats sub '>'`. */
const programs: ReadonlySet<string> = new Set([
  ...[
    'gatectl',
    'nats',
    'kubectl',
    'docker',
    'consul',
    'systemctl',
    'git',
    'mysql',
    'redis-cli',
    'journalctl',
  ],
]);

/** Words that ask for users with several sessions. */
const duplicates = /^(?:--)?(?:duplicates?|dup(?:e?s)?|twice)$/;

const maintenanceWords: ReadonlySet<string> = new Set(['maint', 'maintenance', 'maintenance-mode']);

/** Whether a line compares records with sessions. */
const isComparison = (words: readonly string[]): boolean =>
  [
    /^(?:records?|stored?)$/,
    /^(?:sessions?|live)$/,
    /^(?:diff|compare|cmp|vs|verify|check|reconcile)$/,
  ].every((pattern) => words.some((word) => pattern.test(word)));

const subscribers: ReadonlySet<string> = new Set([
  'sub',
  'subscribe',
  'psubscribe',
  'listen',
  'monitor',
  'spy',
  'tap',
  'sniff',
]);

/** Rewrites `service gate1 maint off` to `gates resume gate1`. Also accepts the flags `-enable` and `-disable` of consul. */
function asDrain(words: readonly string[]): readonly string[] {
  const plain = words.map((word) => word.replace(/^-+/, ''));
  const isOff = plain.some((word) => /^(?:off|disable|end|stop|false|0)$/.test(word));
  return ['gates', isOff ? 'resume' : 'drain', ...plain.filter((word) => !filler.test(word))];
}

const filler =
  /^(?:maint(?:enance)?(?:-mode)?|mode|on|off|enable|disable|end|start|stop|set|put|in|into|service|gates?|nodes?|true|false|[01])$/;

/** Whether the line sets the maintenance mode of a gate, and does not send a message about maintenance. */
const isMaintenance = ([first = '', ...args]: readonly string[]): boolean =>
  [first, ...args].some((word) => maintenanceWords.has(word)) &&
  args.length > 0 &&
  (filler.test(first) || first.includes('@'));

/**
 * Rewrites lines of kubectl, docker, redis-cli and SQL: `label u42 vip-` to `unset u42 vip`, `ps -q` to `ps -o ids`, `HGET u42
 * vip` to `hget u42 vip`.
 */
export function translateForeignLine(line: MistypedLine): MistypedLine {
  const {words: given, flags, ...more} = withQos(line);
  const isProgram = programs.has(given[0] ?? '') && /^[^-]/.test(given[1] ?? '');
  const words = joinTimeWords(isProgram ? given.slice(1) : given);
  const read = readMeant(words);
  if (read !== undefined) return {...more, words: read, flags};
  const [first = '', ...args] = withoutSql(words);
  const isUpper = /^[A-Z]+$/.test(first);
  const verb = isUpper ? first.toLowerCase() : first;
  if (verb === 'edit' && args.some((word) => word.includes('=')))
    return {...more, flags, words: ['set', ...args]};
  const bound = boundUid(verb, args);
  if (bound !== undefined) return {...more, flags, words: bound};
  const isUpperVerb = isUpper && /^[A-Z]+$/.test(args[0] ?? '');
  return withoutLabels({
    ...more,
    flags,
    words: [verb, ...(isUpperVerb ? [args[0]?.toLowerCase() ?? '', ...args.slice(1)] : args)],
  });
}

/** Returns the words of the command that a whole line of another tool means, in any order. */
function readMeant(words: readonly string[]): readonly string[] | undefined {
  const [verb = '', ...args] = words;
  if (words.includes('/metrics')) return ['metrics'];
  if (words.some((word) => duplicates.test(word)) && !words.some((word) => word.includes('/')))
    return ['duplicates'];
  if (isMaintenance(words)) return asDrain(words);
  if (isComparison(words)) return ['anomalies'];
  if (/^select\b.*(?: having |duplicate)/is.test(words.join(' '))) return ['duplicates'];
  if (!subscribers.has(verb) || args.length !== 1 || !/[>*.]/.test(args[0] ?? '')) return undefined;
  return ['trace', ...(args[0] === '>' || args[0] === '*' ? [] : ['--subject', ...args])];
}

/** Rewrites the forms of single commands: `label u42 vip-`, `ps -q`, `hset u42 vip 1`. */
function withoutLabels({words, flags, ...more}: MistypedLine): MistypedLine {
  const [verb = '', ...args] = words;
  if (verb === 'ps')
    return {...more, words, flags: flags.flatMap((word) => (word === '-q' ? ['-o', 'ids'] : [word]))};
  if (verb === 'hset' && args.length === 3 && !args.join('').includes('='))
    return {...more, flags, words: [verb, args[0] ?? '', `${args[1]}=${args[2]}`]};
  if (!labelVerbs.has(verb) || !args.some(isRemoval) || args.some((word) => word.includes('=')))
    return {...more, words, flags};
  return {
    ...more,
    words: ['unset', ...args.map((word) => (isRemoval(word) ? word.slice(0, -1) : word))],
    flags,
  };
}

const setVerbs: ReadonlySet<string> = new Set(['set', 'hset', 'put', 'update', 'patch', 'edit', 'label']);

/** Rewrites `set X uid=u42` and `sessions set X uid u42` to `bind X u42`; without a uid to `unbind X`. */
function boundUid(verb: string, args: readonly string[]): readonly string[] | undefined {
  const isNoun = (word: string): boolean => nounOfSynonym(word) === 'sessions';
  const words = [verb, ...args].filter((word) => !isNoun(word));
  if (!setVerbs.has(words[0] ?? '')) return undefined;
  const rest = words.slice(1);
  const [session, pair = '', value = ''] = rest;
  if (session === undefined || rest.length > 3 || !/^uid(?:=|$)/.test(pair)) return undefined;
  const uid = pair.startsWith('uid=') ? pair.slice(4) : value;
  return uid === '' || uid === 'null' ? ['unbind', session] : ['bind', session, uid];
}

/** Whether the word removes a label, as `vip-` does in kubectl. */
const isRemoval = (word: string): boolean => /^\w[\w.]*-$/.test(word);
