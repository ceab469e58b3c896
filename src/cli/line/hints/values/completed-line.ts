import {commandIndex, findCommandInLine} from '../aliases.js';

/** Commands that write to all sessions of a uid with `--all-sessions`. */
export const allSessionsCommands: ReadonlySet<string> = new Set([
  ...['sessions kick', 'send', 'unbind', 'settings set', 'settings unset'],
]);

/** Whether a flag selects the sessions of a write, so that no word names one. */
export const isSelectorFlag = (word: string): boolean =>
  /^--(?:all|where|gate|uid|guest|network|ip|setting|older-than|idle|target|resume)(?:=|$)/.test(word);

/** Whether a word is more likely a uid than a session id, or the first characters of one. */
export const looksLikeUid = (word = ''): boolean =>
  word !== '' && !/^-|\/|=|^uid:/.test(word) && (!/^[0-9a-f]{6,32}$/.test(word) || /^\d{1,13}$/.test(word));

/** Completes a line for a hint: adds `uid:` to uids, and `--yes` to a line that asks for confirmation when nobody can answer. */
export function completeHintLine(line: readonly string[], canAsk: boolean): readonly string[] {
  const marked = withUids(line);
  return canAsk ? marked : withYes(marked);
}

function withUids(line: readonly string[]): readonly string[] {
  const path = findCommandInLine(line)?.path ?? '';
  const first = commandIndex(line, 0) + path.split(' ').length;
  if (!allSessionsCommands.has(path) || line.some(isSelectorFlag) || !looksLikeUid(line[first])) return line;
  const isMany = path === 'sessions kick' || path === 'unbind';
  const end = isMany ? line.findIndex((word, at) => at > first && word.startsWith('-')) : first + 1;
  const last = end < 0 ? line.length : end;
  const uids = line.map((word, at) =>
    at >= first && at < last && looksLikeUid(word) ? `uid:${word}` : word,
  );
  return line.includes('--all-sessions') ? uids : [...uids, '--all-sessions'];
}

/** Adds `--yes` to a line that asks for a confirmation. */
function withYes(line: readonly string[]): readonly string[] {
  const {risk, path} = findCommandInLine(line) ?? {};
  const asks = risk === 'destroy' || path === 'broadcast';
  return !asks || line.some((word) => word === '--yes' || word === '-y') ? line : [...line, '--yes'];
}
