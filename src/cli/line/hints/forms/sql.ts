import {correctSelector} from '../../../../selector/correct-selector.js';
import {fieldByLogName, findSelectorField} from '../../../../selector/selector-fields.js';
import {nounOfSynonym} from '../noun-synonyms.js';

/** Rewrites a statement of SQL, as words or as one quoted text: `select * from sessions where …` to `sessions list where …`. */
export function withoutSql(words: readonly string[]): readonly string[] {
  const spoken = (words.length === 1 ? (words[0] ?? '').split(/\s+/) : words).map((word) =>
    word.replace(/;$/, ''),
  );
  const verb = spoken[0]?.toLowerCase() ?? '';
  const lower = spoken.map((word) => word.toLowerCase());
  const at = verb === 'update' ? 0 : lower.indexOf('from');
  const noun = nounOfSynonym((lower[at + 1] ?? '').replace(/^(?:audit_log|history|journal)$/, 'audit'));
  if (noun === undefined || at < 0) return words;
  const rest = spoken.slice(at + 2).filter((word) => word !== '');
  if (noun === 'audit') return ['audit', 'list', ...rest];
  const id = /^where id ?= ?["']?([\da-f]{6,32})["']?$/i.exec(rest.join(' '))?.[1];
  if (id !== undefined && noun === 'sessions' && verb === 'select') return ['sessions', 'get', id];
  if (verb === 'select') return [noun, ...selected(spoken.slice(1, at), noun), ...rest];
  const where = rest.findIndex((word) => word.toLowerCase() === 'where');
  const end = rest.findIndex((word, place) => place > where && /^(?:limit|order)$/i.test(word));
  const text = rest.slice(where + 1, end < 0 ? undefined : end).join(' ');
  if (where < 0) return words;
  const target = ['--where', correctSelector(text) ?? text];
  if (verb === 'delete' && noun === 'sessions') return ['sessions', 'kick', ...target];
  const uid = /^uid\s{0,9}=\s{0,9}["']?([^"'\s]+)["']?$/.exec(text)?.[1];
  if (verb === 'delete') return noun === 'records' && uid !== undefined ? ['records', 'delete', uid] : words;
  if (verb !== 'update' || noun !== 'sessions' || lower[2] !== 'set') return words;
  return updated(rest.slice(1, where).join(''), text, target);
}

/** Returns the write of an `update`: of a uid, of settings that become NULL, or of other settings. */
function updated(assigned: string, where: string, target: readonly string[]): readonly string[] {
  const pairs = assigned
    .replaceAll(/["']/g, '')
    .split(',')
    .map((pair) => pair.replace(/^settings?\./, ''));
  const [key = '', value = ''] = pairs[0]?.split('=') ?? [];
  const id = /^id\s{0,9}=\s{0,9}["']?([\da-f]{6,32})["']?$/.exec(where)?.[1];
  const isNone = /^(?:|null|none)$/i.test(value);
  if (key === 'uid')
    return isNone ? ['unbind', ...(id === undefined ? target : [id])] : ['bind', id ?? '<session>', value];
  return isNone && value !== '' && pairs.length === 1
    ? ['settings', 'unset', ...target, key]
    : ['settings', 'set', ...target, ...pairs];
}

/** Returns the verb and the columns of a `select`. */
function selected(words: readonly string[], noun: string): readonly string[] {
  const names = words
    .join(' ')
    .split(/[\s,]+/)
    .filter((name) => name !== '' && name.toLowerCase() !== 'distinct');
  if (names.some((name) => /^count\b/i.test(name)) && noun === 'sessions') return ['count'];
  if (noun !== 'sessions' || names.length === 0 || names.some((name) => !/^\w[\w.]*$/.test(name)))
    return ['list'];
  const columns = names.map((name) => fieldByLogName(name) ?? columnNamed(name));
  return ['list', '--columns', columns.join(',')];
}

const columnNamed = (name: string): string =>
  findSelectorField(name) !== undefined || name.startsWith('settings.') ? name : `settings.${name}`;
