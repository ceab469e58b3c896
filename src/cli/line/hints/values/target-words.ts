/** Commands whose first arguments are sessions. */
const ofSessions =
  /^(?:sessions (?:get|kick)|send|bind|unbind|settings (?:get|set|unset|list|edit|undo)|encode)$/;
/** Commands whose first arguments are uids. */
const ofUids = /^(?:sessions find|records (?:get|delete|set|diff|expire))$/;
/** Commands of which all arguments are targets. */
const ofTargetsOnly = /^(?:sessions (?:get|find|kick)|unbind|records (?:get|delete|diff))$/;

/** Arguments that the other commands need at least; those of `ofTargetsOnly` need one. */
const leastArguments: Readonly<Record<string, number>> = {
  ...{send: 2, bind: 2, 'settings get': 2, 'settings set': 2, 'settings unset': 2, 'records set': 2},
  'records expire': 2,
};

const userNouns: ReadonlySet<string> = new Set(['user', 'uid', 'client', 'player']);
const otherNouns: ReadonlySet<string> = new Set([
  'session',
  'id',
  'sid',
  'to',
  'of',
  'for',
  'from',
  'record',
  'setting',
]);

/** Matches a target with its noun: `user=u42`, `user/u42`. `uid:u42` is a form of our own. */
const userForm = /^(?:(?:uid|user|client|player)[=/]|(?:user|client|player):)([^=/]+)$/;
const sessionForm = /^(?:session|sid|id)[=:/]([^=/]+)$/;
/** A session id with a wildcard or an ellipsis after it. */
const cutId = /^([\da-f]{6,31})(?:\*|\.\.\.|…)$/;

/**
 * Returns the arguments of a command with its targets in the form that it takes: `user u42`, `user=u42` and `user/u42` become
 * `uid:u42`, for commands on records `u42`; `session/5f0084` becomes `5f0084`. Returns the same array if nothing changes.
 */
export function plainTargets(path: string, args: readonly string[]): readonly string[] {
  if (path === 'broadcast') return plainTopic(args, 0);
  const isOfSessions = ofSessions.test(path);
  if (!isOfSessions && !ofUids.test(path)) return args;
  const uidOf = (word: string): string => (isOfSessions && !word.startsWith('uid:') ? `uid:${word}` : word);
  const [first = '', second = ''] = args;
  const count = args.filter((word) => !word.startsWith('-')).length;
  const isNoun = userNouns.has(first) || otherNouns.has(first);
  if (isNoun && count > (leastArguments[path] ?? 1) && !second.startsWith('-')) {
    const isUser = userNouns.has(first) && path !== 'bind' && !/^[\da-f]{16,32}$/.test(second);
    return plainTargets(path, [isUser ? uidOf(second) : second, ...args.slice(2)]);
  }
  const end = ofTargetsOnly.test(path) ? args.length : 1;
  const plain = args.map((word, at) => {
    if (at >= end) return word;
    const user = path === 'bind' ? undefined : userForm.exec(word)?.[1];
    return user === undefined ? ((sessionForm.exec(word) ?? cutId.exec(word))?.[1] ?? word) : uidOf(user);
  });
  const line = plain.some((word, at) => word !== args[at]) ? plain : args;
  if (path === 'bind') return plainPairs(line);
  return path === 'send' ? plainTopic(line, 1) : line;
}

/** Removes `topic=` before a topic. */
function plainTopic(args: readonly string[], at: number): readonly string[] {
  const topic = /^(?:topic|subject)=(\S+)$/.exec(args[at] ?? '')?.[1];
  return topic === undefined ? args : args.with(at, topic);
}

/** Removes the noun before the uid of a bind: `5f00 uid=u42`, `5f00 to u42`. */
function plainPairs(args: readonly string[]): readonly string[] {
  const [session = '', middle = '', uid = '', more] = args;
  if (
    /^(?:to|as|uid|user)$/.test(middle) &&
    uid !== '' &&
    !uid.startsWith('-') &&
    (more ?? '-').startsWith('-')
  )
    return plainPairs([session, ...args.slice(2)]);
  const pairs = args.map((word, at) =>
    at % 2 === 1 ? (/^(?:uid|user)=([^=]+)$/.exec(word)?.[1] ?? word) : word,
  );
  return pairs.some((word, at) => word !== args[at]) ? pairs : args;
}

/** Units of time in words. */
const units: Readonly<Record<string, string>> = {
  ...{s: 's', sec: 's', secs: 's', second: 's', seconds: 's'},
  ...{m: 'm', min: 'm', mins: 'm', minute: 'm', minutes: 'm'},
  ...{h: 'h', hr: 'h', hrs: 'h', hour: 'h', hours: 'h', d: 'd', day: 'd', days: 'd'},
};

/** Returns a duration in our form for `1hour`, `+1h`, `ttl=1h` or `in=1h`; undefined for any other word. */
function durationIn(word: string): string | undefined {
  const [, count, unit = ''] = /^(?:(?:ttl|in|expires?)=)?\+?(\d{1,9})([a-z]+)$/i.exec(word) ?? [];
  const known = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  return count === undefined || known === undefined ? undefined : `${count}${known}`;
}

/** Puts the time to live of `records expire` last, in our form: `in 1 hour u42` becomes `u42 1h`. */
export function timeToLiveLast(args: readonly string[]): readonly string[] {
  const words: string[] = [];
  let time: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    const two = /^\d+$/.test(word) && at > 0 ? durationIn(`${word}${args[at + 1] ?? ''}`) : undefined;
    const found = two ?? durationIn(word);
    if (found !== undefined && time === undefined && !args[at - 1]?.startsWith('--')) {
      time = found;
      if (two !== undefined) at += 1;
    } else words.push(word);
  }
  if (time === undefined) return args;
  const uids = words.filter((word) => !/^(?:in|after|to)$/.test(word) || words.length === 1);
  const end = uids.findIndex((word) => word.startsWith('-') && word !== '-');
  return end < 0 ? [...uids, time] : [...uids.slice(0, end), time, ...uids.slice(end)];
}
