import {nounOfSynonym} from '../noun-synonyms.js';
import {suggestedPath} from '../suggested-line.js';
import {columnsAdvice} from '../values/output-format.js';

/** What the commands show that `logs` and `monitor` may mean. */
const shownBy: Readonly<Record<string, string>> = {
  'sessions watch': 'clients that connect and leave',
  trace: 'calls on the bus',
  'audit list': 'writes of operators',
};

/**
 * Returns the end of a hint: what each command shows, if at least two of those that follow the cluster are suggested, and the
 * flags in place of an expression that was left out.
 */
export function hintEnd(paths: readonly string[], leftOut: readonly string[]): string {
  const known = paths.map(suggestedPath).filter((path) => Object.hasOwn(shownBy, path));
  if (known.length > 1) return `; ${known.map((path) => `${path} shows ${shownBy[path]}`).join(', ')}`;
  const isMissingColumns =
    paths[0] === 'sessions list' && leftOut.some((name) => /^--(?:query|jq)$/.test(name));
  return isMissingColumns ? `; ${columnsAdvice}` : '';
}

/** Returns other lines that a guess may mean: `tail` may ask for calls, and `count users` for users instead of sessions. */
export function alternatives(typed: readonly string[], line: string): readonly string[] {
  const hasNoun = typed.some((word) => nounOfSynonym(word) !== undefined);
  if (/^gatectl sessions watch\b/.test(line) && !hasNoun)
    return ['trace', 'audit list'].map((path) => `gatectl ${path} for the ${shownBy[path]}`);
  const isOfUsers = typed.some((word) => /^(?:users|players|uids)$/.test(word));
  return isOfUsers && /^gatectl sessions count\b/.test(line) && !line.includes(' --by ')
    ? [`${line} --by uid for users`]
    : [];
}
