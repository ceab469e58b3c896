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

/**
 * Rewrites arguments in the style of kubectl, docker, redis-cli and mosquitto: `label u42 vip-` to `unset u42 vip`, `ps -q` to
 * `ps -o ids`, `count level=7` to `count --setting level=7`.
 */
export function withoutForeignForms({words, flags}: MistypedLine): MistypedLine {
  const [verb = '', ...args] = words;
  if (mosquittoVerbs.has(verb) && args.includes('-t')) return asSend({words, flags});
  if (verb === 'count')
    return {
      words: [verb, ...args.flatMap((word) => (isSetting(word) ? ['--setting', word] : [word]))],
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
