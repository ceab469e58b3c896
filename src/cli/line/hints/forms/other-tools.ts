import {outputFormats} from '../../../../output/formats/presenter.js';
import {nounOfSynonym} from '../noun-synonyms.js';
import {commandsByWord} from '../synonyms.js';
import {joinTimeWords} from '../values/time-words.js';
import {gateKickLine, gateStateLine} from './gate-line.js';
import {messageLine} from './message-line.js';
import {newestSessions} from './newest-sessions.js';
import {withoutShortQ} from './short-q.js';
import {splitTargets, withoutMongo, withoutPhrases} from './spoken-line.js';
import {withoutSql} from './sql.js';

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
    'mqttx',
    'mqtt',
    'etcdctl',
    'operator',
    'ctl',
    'emqx',
    'aws',
    'gcloud',
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
  const {words: given, flags, ...more} = withoutShortQ(line);
  const isProgram = programs.has(given[0] ?? '') && /^[^-]/.test(given[1] ?? '');
  const typed = withoutMongo(withoutPhrases(joinTimeWords(isProgram ? given.slice(1) : given)));
  const user = userIn(flags);
  const message = messageOf(typed, user);
  if (message !== undefined)
    return {...more, words: message, flags: message[1] === user ? withoutUser(flags) : flags};
  const ofGate = gateKickLine(typed) ?? gateStateLine(typed);
  if (ofGate !== undefined) return {...more, words: ofGate, flags};
  const words = splitTargets(typed);
  const read = readMeant(words);
  if (read !== undefined) return {...more, words: read, flags};
  const [first = '', ...args] = withoutSql(words);
  const isUpper = /^[A-Z]+$/.test(first);
  const verb = isUpper ? first.toLowerCase() : first;
  if (verb === 'edit' && args.some((word) => word.includes('=')))
    return {...more, flags, words: ['set', ...args]};
  const bound = withoutUid(verb, args) ?? boundUid(verb, args);
  if (bound !== undefined) return {...more, flags, words: bound};
  const isUpperVerb = isUpper && /^[A-Z]+$/.test(args[0] ?? '');
  return withoutLabels({
    ...more,
    flags,
    words: [verb, ...(isUpperVerb ? [args[0]?.toLowerCase() ?? '', ...args.slice(1)] : args)],
  });
}

/** Returns the words of a message in our order; undefined if the line is no message, or is in that order. */
function messageOf(words: readonly string[], user: string | undefined): readonly string[] | undefined {
  const at = [0, 1].find((place) => isMessageVerb(words[place]) && (place === 0 || isBeforeVerb(words[0])));
  if (at === undefined) return undefined;
  const isToAll =
    words[at] === 'broadcast' || commandsByWord.get(words[at]?.toLowerCase() ?? '')?.[0] === 'broadcast';
  const args = [...(isToAll ? ['--all'] : []), ...words.slice(at + 1)];
  const named = messageLine(args);
  const isToOne = named?.[0] === 'send' && !named.includes('--all');
  const message = user === undefined || isToOne ? named : messageLine(['--to', user, ...args]);
  return message?.join(' ') === words.slice(at).join(' ') ? undefined : message;
}

/** Returns the value of `--user`, the user of NATS. */
export function userIn(flags: readonly string[]): string | undefined {
  const at = flags.findIndex((word) => /^--user(?==|$)/.test(word));
  return at < 0 ? undefined : (flags[at]?.split('=')[1] ?? flags[at + 1]);
}

export const withoutUser = (flags: readonly string[]): readonly string[] =>
  flags.filter((word, at) => !/^--user(?:=|$)/.test(word) && flags[at - 1] !== '--user');

const isMessageVerb = (word = ''): boolean =>
  word === 'send' ||
  word === 'broadcast' ||
  ['send', 'broadcast'].includes(commandsByWord.get(word.toLowerCase())?.[0] ?? '');

const isBeforeVerb = (word = ''): boolean =>
  nounOfSynonym(word) !== undefined || word === 'cluster' || word === 'all';

/** Returns the words of the command that a whole line of another tool means, in any order. */
function readMeant(words: readonly string[]): readonly string[] | undefined {
  const [verb = '', ...args] = words;
  if (words.includes('/metrics')) return ['metrics'];
  if (/version\(\)|@@version/i.test(words.join(' '))) return ['version'];
  const format = listingFormat(words);
  if (format !== undefined) return ['sessions', 'list', '-o', format];
  const meant = expiryLine(words) ?? newestSessions(words);
  if (meant !== undefined) return meant;
  if (
    words.some((word) => countFlag.test(word)) &&
    /^(?:users|session|sessions|clients|get|list|find)$/.test(verb)
  )
    return [
      'sessions',
      'count',
      ...args.filter(
        (word) =>
          !countFlag.test(word) && nounOfSynonym(word) === undefined && !/^(?:list|get|ls)$/.test(word),
      ),
    ];
  if (words.some((word) => duplicates.test(word)) && !words.some((word) => word.includes('/')))
    return ['duplicates'];
  if (isMaintenance(words)) return asDrain(words);
  if (isComparison(words)) return ['anomalies'];
  if (/^select\b.*(?: having |duplicate)/is.test(words.join(' '))) return ['duplicates'];
  if (
    !subscribers.has(verb.toLowerCase()) ||
    args.length !== 1 ||
    !/^(?:[>*#]|all)$|[>*.]/.test(args[0] ?? '')
  )
    return undefined;
  return ['trace', ...(/^(?:[>*#]|all)$/.test(args[0] ?? '') ? [] : ['--subject', ...args])];
}

/** Rewrites the forms of single commands: `label u42 vip-`, `ps -q`, `hset u42 vip 1`. */
function withoutLabels({words, flags, ...more}: MistypedLine): MistypedLine {
  const [verb = '', ...args] = words;
  if (verb === 'ps')
    return {...more, words, flags: flags.flatMap((word) => (word === '-q' ? ['-o', 'ids'] : [word]))};
  if (verb === 'hset' && args.length === 3 && !args.join('').includes('='))
    return {...more, flags, words: [verb, args[0] ?? '', `${args[1]}=${args[2]}`]};
  if (
    !(labelVerbs.has(verb) || verb === 'set') ||
    !args.some(isRemoval) ||
    args.some((word) => word.includes('='))
  )
    return {...more, words, flags};
  const named = args.map((word) => (isRemoval(word) ? word.slice(0, -1) : word));
  return {...more, words: withoutUid('unset', named) ?? ['unset', ...named], flags};
}

const countFlag = /^--(?:count|total)$/;

/** Returns the format of a listing in words: `list sessions as csv`, `export sessions --csv`. */
function listingFormat(words: readonly string[]): string | undefined {
  const [verb = '', ...args] = words.map((word) => word.toLowerCase().replace(/^--/, ''));
  const rest = args.filter((word) => !/^(?:as|in|to|format|header|stdout|with)$/.test(word));
  const format = outputFormats.find((one) => rest.includes(one));
  const isExport = /^(?:export|dump|print|copy|report)$/.test(verb) && (format === 'csv' || format === 'tsv');
  const isListingCommand =
    (rest.length < args.length || rest.includes('ids')) &&
    (nounOfSynonym(verb) === 'sessions' || /^(?:list|show|get|ls)$/.test(verb));
  if (format === undefined || !(isExport || isListingCommand)) return undefined;
  return rest.every((word) => word === format || word === 'list' || nounOfSynonym(word) === 'sessions')
    ? format
    : undefined;
}

const expiryWord = /^(?:ttl|expiry|expire|expires|expiration|expires_at)$/;

/** Rewrites `set ttl u42 1h` and `update record u42 ttl=1h` to `records expire u42 1h`. */
function expiryLine([verb = '', ...args]: readonly string[]): readonly string[] | undefined {
  const isPexpire = /^pexpire$/i.test(verb);
  if (isPexpire && /^\d{4,15}$/.test(args.at(-1) ?? ''))
    return ['records', 'expire', ...args.slice(0, -1), `${Math.round(Number(args.at(-1)) / 1000)}s`];
  const nouns = [verb, ...args].map(nounOfSynonym);
  const isOfRecord = nouns.includes('records');
  const words = args.filter(
    (word) => nounOfSynonym(word) === undefined && word !== 'set' && !/^(?:of|for|in|to)$/.test(word),
  );
  const isNamed = words.some((word) => expiryWord.test(word)) && words.length === 3;
  const isPair =
    isOfRecord && words.some((word) => expiryWord.test(word.split('=')[0] ?? '') && word.includes('='));
  const isSet = setVerbs.has(verb) || (isOfRecord && args.some((word) => setVerbs.has(word)));
  if (!isSet || !(isNamed || isPair)) return undefined;
  return ['records', 'expire', ...words.filter((word) => !expiryWord.test(word) && !setVerbs.has(word))];
}

const setVerbs: ReadonlySet<string> = new Set(['set', 'hset', 'put', 'update', 'patch', 'edit', 'label']);

const removalVerbs: ReadonlySet<string> = new Set([
  ...[
    'remove',
    'delete',
    'rm',
    'del',
    'clear',
    'unset',
    'unassign',
    'take',
    'drop',
    'strip',
    'release',
    'detach',
  ],
]);

/** Rewrites `remove uid from session X` to `unbind X`. */
function withoutUid(verb: string, args: readonly string[]): readonly string[] | undefined {
  const rest = args.filter((word) => !/^(?:uid|of|from|off|session|user|client)$/.test(word));
  const isOfUid = args.includes('uid') && args.length > 1;
  const isLast = args.at(-1) === 'uid';
  return removalVerbs.has(verb) &&
    isOfUid &&
    rest.length === 1 &&
    (/^[\da-f]{6,32}$/.test(rest[0] ?? '') || isLast || args.includes('from') || args[0] === rest[0])
    ? ['unbind', ...rest]
    : undefined;
}

/** Rewrites `set X uid=u42` and `sessions set X uid u42` to `bind X u42`; without a uid to `unbind X`. */
function boundUid(verb: string, args: readonly string[]): readonly string[] | undefined {
  const isNoun = (word: string): boolean => word !== 'uid' && nounOfSynonym(word) === 'sessions';
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
