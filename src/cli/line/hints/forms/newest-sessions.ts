import {nounOfSynonym} from '../noun-synonyms.js';

const newestWord = /^(?:last|newest|latest|recent|youngest)$/i;
const listVerb = /^(?:show|list|get|ls|find|view|display|print)$/i;
const countPattern = /^\d{1,9}$/;

/**
 * Rewrites `last 5 sessions`, `show newest 5`, and the flags of `docker ps`: `ps -n 5` becomes `sessions newest 5`, `ps -l`
 * `sessions newest 1`. Returns undefined for any other line, such as `last`, which lists logins in a shell.
 */
export function newestSessions(words: readonly string[]): readonly string[] | undefined {
  const [first = '', ...args] = words;
  if (first === 'ps') return newestOfProcesses(args);
  const [word = '', ...rest] = listVerb.test(first) ? args : words;
  if (!newestWord.test(word)) return undefined;
  const count = rest.find((one) => countPattern.test(one));
  const others = rest.filter((one) => one !== count && nounOfSynonym(one) !== 'sessions');
  return rest.length === 0 || others.length > 0
    ? undefined
    : ['sessions', 'newest', ...(count === undefined ? [] : [count])];
}

function newestOfProcesses(args: readonly string[]): readonly string[] | undefined {
  const at = args.findIndex((word) => /^(?:-n|--last|-l|--latest)(?:=|$)/.test(word));
  const [flag = '', inline] = args[at]?.split('=', 2) ?? [];
  const isOne = flag === '-l' || flag === '--latest';
  const count = isOne ? '1' : (inline ?? args[at + 1] ?? '');
  if (at < 0 || !countPattern.test(count)) return undefined;
  return ['sessions', 'newest', count, ...args.toSpliced(at, isOne || inline !== undefined ? 1 : 2)];
}
