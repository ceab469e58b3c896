import {acknowledgementFlag} from '../flag-equivalents.js';

/** Flags and labels of other tools for the parts of a message. */
const partOf: Readonly<Record<string, 'topic' | 'body' | 'target' | 'qos'>> = {
  ...parts('topic', '-t --topic --subject --channel topic= subject= channel= topic subject channel'),
  ...parts(
    'body',
    '-m --message --msg --body --text --payload --data --content -d message= text= body= payload=',
  ),
  ...parts('target', '-u --uid --user --user-id --users --to --client --player --session --id --target'),
  ...parts('target', 'user= uid= to= session= client= to user uid client player session'),
  ...parts('qos', '-q --qos qos= qos'),
};

function parts<T extends string>(part: T, names: string): Readonly<Record<string, T>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, part]));
}

const everyone: ReadonlySet<string> = new Set([
  ...['all', '*', 'everyone', 'everybody', 'users', 'clients', 'players', 'sessions', 'broadcast'],
  ...[
    '--all',
    '-a',
    '--all-users',
    '--all-sessions',
    '--all-clients',
    '--everyone',
    '--everybody',
    '--broadcast',
  ],
]);

/** Words between `to` and a target. */
const nounsOfTarget: ReadonlySet<string> = new Set(['user', 'session', 'uid', 'client', 'player']);

/** Words that mean nothing in a message line. */
const fillers: ReadonlySet<string> = new Set([
  'on',
  'at',
  'in',
  'to',
  'with',
  'message',
  'text',
  'msg',
  'send',
]);

interface Message {
  topic?: string | undefined;
  body?: string;
  target?: string;
  qos?: string;
  isToAll: boolean;
  /** Words that are not assigned yet. */
  readonly rest: string[];
  readonly flags: string[];
}

/**
 * Returns the words of `send` or `broadcast` for a message in the order of another tool or of English: `-t /news -m hello u42`,
 * `hello to u42 on /news`, `all /news hello`. `words` follow the verb. Returns undefined if the topic, the body or the target is
 * not certain.
 */
export function messageLine(words: readonly string[]): readonly string[] | undefined {
  const message = readMessage(words);
  const topics = message.rest.filter(isTopic);
  const place = message.rest.findIndex(isTopic);
  if (message.topic === undefined && topics.length === 1) [message.topic] = message.rest.splice(place, 1);
  const {topic, qos, flags} = message;
  if (topic === undefined) return undefined;
  if (message.target !== undefined && everyone.has(message.target)) {
    message.isToAll = true;
    delete message.target;
  }
  const target = message.isToAll ? undefined : (message.target ?? targetIn(message, place !== 0));
  const body = message.body ?? (message.rest.length > 0 ? message.rest.join(' ') : undefined);
  const isLeft = message.body !== undefined && message.rest.length > 0;
  if (body === undefined || isLeft) return undefined;
  const level = qos === undefined ? [] : ['--qos', '1'];
  if (target !== undefined) return ['send', target, topic, body, ...level, ...flags];
  return level.length > 0
    ? ['send', topic, body, ...level, '--all', ...flags]
    : ['broadcast', topic, body, ...flags];
}

/** A topic of MQTT: it has a slash, unlike the address `Gate@a1/5f00`. */
const isTopic = (word: string): boolean => /^[^@\s]*\/\S*$/.test(word);

function readMessage(words: readonly string[]): Message {
  const message: Message = {isToAll: false, rest: [], flags: []};
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals + (word.startsWith('-') ? 0 : 1));
    const part = Object.hasOwn(partOf, name) ? partOf[name] : undefined;
    const next = nounsOfTarget.has(words[at + 1] ?? '') && part === 'target' ? at + 2 : at + 1;
    const value = equals < 0 ? words[next] : word.slice(equals + 1);
    const isBeforeTopic = fillers.has(word) && isTopic(words[at + 1] ?? '');
    if (part !== undefined && value !== undefined && !(word === 'to' && isTopic(value))) {
      message[part] = value;
      if (equals < 0) at = next;
    } else if (acknowledgementFlag.test(word)) message.qos = '1';
    else if (everyone.has(word) && message.rest.every(isTopic)) message.isToAll = true;
    else if (word.startsWith('-')) message.flags.push(word);
    else if (!isBeforeTopic && (message.rest.length > 0 || !fillers.has(word))) message.rest.push(word);
  }
  const last = message.rest.at(-1) ?? '';
  if (everyone.has(last) && message.rest.length > 1 && !message.rest.some(isId)) {
    message.rest.pop();
    message.isToAll = true;
  }
  return message;
}

/** A word that is more likely a session id or a uid than a word of a text. */
const isId = (word: string): boolean =>
  /^uid:|^\w+@|^[\da-f]{6,32}$/.test(word) || /^[a-z]{1,20}[-_]?\d+$/i.test(word);

/** Takes the target from the words that are left: an id or a uid, else the word before the topic. */
function targetIn(message: Message, isBeforeTopic: boolean): string | undefined {
  const least = message.body === undefined ? 2 : 1;
  if (message.rest.length < least) return undefined;
  const at = message.rest.findIndex(isId);
  return at >= 0 || isBeforeTopic ? message.rest.splice(Math.max(0, at), 1)[0] : undefined;
}
