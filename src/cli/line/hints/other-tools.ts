/** A line that names no command: its words in order, and the global flags with their values. */
export interface MistypedLine {
  readonly words: readonly string[];
  readonly flags: readonly string[];
}

const labelVerbs: ReadonlySet<string> = new Set(['label', 'annotate']);

/** Rewrites arguments of kubectl, docker and redis-cli: `label u42 vip-` to `unset u42 vip`, `ps -q` to `ps -o ids`. */
export function withoutForeignForms({words, flags}: MistypedLine): MistypedLine {
  const [verb = '', ...args] = words;
  if (verb === 'ps') return {words, flags: flags.flatMap((word) => (word === '-q' ? ['-o', 'ids'] : [word]))};
  if (verb === 'hset' && args.length === 3 && !args.join('').includes('='))
    return {words: [verb, args[0] ?? '', `${args[1]}=${args[2]}`], flags};
  if (!labelVerbs.has(verb) || !args.some(isRemoval) || args.some((word) => word.includes('=')))
    return {words, flags};
  return {words: ['unset', ...args.map((word) => (isRemoval(word) ? word.slice(0, -1) : word))], flags};
}

/** Whether the word removes a label in kubectl: `vip-`. */
const isRemoval = (word: string): boolean => /^\w[\w.]*-$/.test(word);
