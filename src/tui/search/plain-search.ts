import {celStringLiteral} from '../../selector/cel-terms.js';
import {selectorFields} from '../../selector/selector-fields.js';
import type {SessionRow} from '../../session/session.js';

/** A field that contains the search text. */
interface Match {
  /** Field name: `uid`, `id`, `ip` or `settings.<key>`. */
  readonly field: string;
  readonly value: string;
}

const texts = ['uid', 'id', 'ip'] as const;

/**
 * Returns the selector of a plain search, which matches the uid, session id, IP, and the names and
 * values of settings.
 */
export function plainSearchSelector(words: string): string {
  const part = celStringLiteral(words);
  const pair = settingPair(words);
  return [
    ...texts.map((field) => `${field}.contains(${part})`),
    `settings.exists(k, k.contains(${part}) || settings[k].contains(${part}))`,
    ...(pair === undefined
      ? []
      : [`settings[${celStringLiteral(pair.key)}].contains(${celStringLiteral(pair.value)})`]),
  ].join(' || ');
}

/**
 * Returns selectors of sessions whose uid or id equals the words; empty if the words can be
 * neither.
 */
export const exactMatchSelectors = (words: string): readonly string[] =>
  /\s/.test(words) ? [] : ['uid', 'id'].map((field) => `${field} == ${celStringLiteral(words)}`);

/** Returns the fields of a session that contain the words, in search order. */
export function fieldMatches(row: SessionRow, words: string): readonly Match[] {
  const subject = {row, node: '', now: 0};
  const found = texts.map((field): Match => ({field, value: selectorFields[field].read(subject)}));
  const pair = settingPair(words);
  const settings = Object.entries(row.session.settings).filter(
    ([key, value]) =>
      key.includes(words) || value.includes(words) || (key === pair?.key && value.includes(pair.value)),
  );
  return [
    ...found.filter(({value}) => value.includes(words)),
    ...settings.map(([key, value]): Match => ({field: `settings.${key}`, value})),
  ];
}

/**
 * Parses `room=lobby` and `settings.room=lobby`, as in the settings column and on the command line.
 */
function settingPair(words: string): {readonly key: string; readonly value: string} | undefined {
  const at = words.indexOf('=');
  if (at < 1) return undefined;
  const key = words.slice(0, at).trim();
  const bare = key.startsWith('settings.') ? key.slice('settings.'.length) : key;
  return {key: bare, value: words.slice(at + 1).trim()};
}

/**
 * Counts the matches of several sessions by field: `uid 12, settings.room 3`. Empty if there are
 * none.
 */
export function matchCountsByField(rows: readonly SessionRow[], words: string): string {
  const counts = new Map<string, number>();
  for (const row of rows) {
    for (const {field} of fieldMatches(row, words)) counts.set(field, (counts.get(field) ?? 0) + 1);
  }
  return [...counts].map(([field, count]) => `${field} ${count}`).join(', ');
}
