import {UsageError} from '../../base/errors.js';
import {stringBag} from '../../session/session.js';
import type {SettingsEdit} from '../../session/settings-edit.js';

type Fields = Readonly<Record<string, unknown>>;

/** Parses the argument of GatectlEdit. Throws UsageError. */
export function parseSettingsEdit(query: Fields): SettingsEdit {
  const expected = Object.entries(mapIn(query, 'expected'));
  if (!expected.every(([, value]) => value === null || typeof value === 'string'))
    throw new UsageError('invalid edit: a value in "expected" is neither a string nor null');
  return {
    set: stringBag(textsOf(mapIn(query, 'set'))),
    unset: keysIn(query),
    expected: Object.fromEntries(expected as [string, string | null][]), // checked above
  };
}

function mapIn(query: Fields, name: string): Fields {
  const value = Object.hasOwn(query, name) ? query[name] : {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`invalid edit: "${name}" is not a map`);
  return value as Fields;
}

function textsOf(map: Fields): (readonly [string, string])[] {
  return Object.entries(map).map(([key, value]) => {
    if (typeof value !== 'string') throw new UsageError('invalid edit: a value in "set" is not a string');
    return [key, value];
  });
}

function keysIn(query: Fields): readonly string[] {
  const keys = Object.hasOwn(query, 'unset') ? query['unset'] : [];
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string'))
    throw new UsageError('invalid edit: "unset" is not a list of strings');
  return keys;
}
