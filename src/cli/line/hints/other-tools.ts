import {isColumn} from './values/output-form.js';
import {joinedTimes} from './values/time-words.js';

/** A line without a known command: its words in order, and its global flags with their values. */
export interface MistypedLine {
  readonly words: readonly string[];
  readonly flags: readonly string[];
}

const mosquittoVerbs: ReadonlySet<string> = new Set(['pub', 'publish', 'mosquitto_pub']);

/** Rewrites `pub -q 1 -t /news -m hello u42` to `pub u42 /news hello --qos 1`. In gatectl, `-q` is a global flag. */
function asSend({words: [verb = '', ...args], flags}: MistypedLine): MistypedLine {
  const take = (flag: string): readonly string[] =>
    args.includes(flag) ? args.splice(args.indexOf(flag), 2).slice(1) : [];
  const [topic, message] = [take('-t'), take('-m')];
  const level = flags.includes('-q') ? args.findIndex((word) => /^[012]$/.test(word)) : -1;
  const qos = level < 0 ? [] : ['--qos', ...args.splice(level, 1)];
  return {
    words: [verb, ...args, ...topic, ...message, ...qos],
    flags: qos.length === 0 ? flags : flags.filter((flag) => flag !== '-q'),
  };
}

const isSetting = (word: string): boolean => /^\w[\w.]*=./.test(word);

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

/** Words for users with several sessions. */
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

/** Rewrites a SELECT statement to the command that lists its table. */
function asListing(words: readonly string[]): readonly string[] {
  const text = words.join(' ').toLowerCase();
  if (/ having |duplicate/.test(text)) return ['duplicates'];
  const [, list = '', table = 'sessions'] = /^select (.*) from (\w+)/.exec(text) ?? [];
  if (list.startsWith('count(')) return ['count', table];
  const columns = list.split(/[, ]+/).filter(isColumn);
  return ['list', table, ...(columns.length > 0 ? ['--columns', columns.join(',')] : [])];
}

/**
 * Rewrites arguments in the style of kubectl, docker, redis-cli and mosquitto: `label u42 vip-` to `unset u42 vip`, `ps -q` to
 * `ps -o ids`, `count level=7` to `count --setting level=7`.
 */
export function withoutForeignForms({words: typed, flags}: MistypedLine): MistypedLine {
  const [typedVerb = ''] = typed;
  const words = joinedTimes(programs.has(typedVerb) && /^[^-]/.test(typed[1] ?? '') ? typed.slice(1) : typed);
  const [verb = '', ...args] = words;
  if (words.includes('/metrics')) return {words: ['metrics'], flags};
  if (words.some((word) => duplicates.test(word)) && !words.some((word) => word.includes('/')))
    return {words: ['duplicates'], flags};
  if (isMaintenance(words)) return {words: asDrain(words), flags};
  if (isComparison(words)) return {words: ['anomalies'], flags};
  if (/^select$/i.test(verb) && args.some((word) => /^from$/i.test(word)))
    return {words: asListing(words), flags};
  if (subscribers.has(verb) && args.length === 1 && /[>*.]/.test(args[0] ?? ''))
    return {words: ['trace', ...(args[0] === '>' || args[0] === '*' ? [] : ['--subject', ...args])], flags};
  if (mosquittoVerbs.has(verb) && args.includes('-t')) return asSend({words, flags});
  if (verb === 'count')
    return {
      words: [
        verb,
        ...args.flatMap((word) =>
          word === 'by' ? ['--by'] : isSetting(word) ? ['--setting', word] : [word],
        ),
      ],
      flags,
    };
  if (verb === 'ps') return {words, flags: flags.flatMap((word) => (word === '-q' ? ['-o', 'ids'] : [word]))};
  if (verb === 'hset' && args.length === 3 && !args.join('').includes('='))
    return {words: [verb, args[0] ?? '', `${args[1]}=${args[2]}`], flags};
  if (!labelVerbs.has(verb) || !args.some(isRemoval) || args.some((word) => word.includes('=')))
    return {words, flags};
  return {words: ['unset', ...args.map((word) => (isRemoval(word) ? word.slice(0, -1) : word))], flags};
}

/** Whether the word removes a label, as `vip-` does in kubectl. */
const isRemoval = (word: string): boolean => /^\w[\w.]*-$/.test(word);
