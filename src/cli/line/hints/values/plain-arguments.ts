import {plainTargets, timeToLiveLast} from './target-words.js';

/** Words that only say that a context is meant, before its name. */
const contextWords =
  /^(?:to|the|current|default|contexts?|clusters?|env|profiles?|environment|use|switch|select|set|name|info|show|get|list|current-context)$/;

/** Writes the arguments of a command in its own form, and drops words that mean nothing there. */
export function plainArguments(path: string, args: readonly string[]): readonly string[] {
  if (path === 'records expire') return plainTargets(path, timeToLiveLast(args));
  if (/^context (?:use|show)$/.test(path)) {
    const named = args.filter((word) => !contextWords.test(word)).map((word) => word.replace(/;$/, ''));
    return named.length > 0 || path === 'context show' ? named : args;
  }
  if (path === 'decode') return args.flatMap((word) => (word === 'hex' ? ['--encoding', 'hex'] : [word]));
  return plainTargets(path, args);
}

/** Words of a question about the journal that no entry contains. */
const auditFillers =
  /^(?:list|show|logs?|trail|report|view|tail|get|query|whom?|did|what|where|and|time|>|by|history|since|from|after)$/;

/** Turns words about the journal into flags: `kicks yesterday` into `--words kick --since yesterday`. */
export function auditFlags(words: readonly string[]): readonly string[] {
  const text = words.join(' ').replace(/\b(?:command|action|verb)=["']?(\w+)["']?/gi, '$1');
  const [, time] = /\b(yesterday|today|last night|\d{1,9}[smhd])\b/.exec(text) ?? [];
  const rest = (time === undefined ? text : text.replace(time, ' '))
    .split(' ')
    .filter((word) => word !== '' && !auditFillers.test(word.toLowerCase()))
    .map((word) => word.replace(/^(kick|send|bind|drain)s$/, '$1'));
  return [
    ...(rest.length === 0 ? [] : ['--words', rest.join(' ')]),
    ...(time === undefined ? [] : ['--since', time]),
  ];
}
