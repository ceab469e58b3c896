import {ConflictError, SettingsConflictError, UsageError} from '../../../base/errors.js';
import {type StringBag, stringBag} from '../../../session/session.js';
import type {SettingsEdit} from '../../../session/settings-edit.js';
import {parsePair, parseText} from '../../line/parsers.js';

/** `key=value`, or `!key` for one that must not be there. */
export function parseCondition(text: string): readonly [string, string | null] {
  if (!text.startsWith('!')) return parsePair(text);
  if (text.slice(1).trim() === '')
    throw new UsageError(`"${text}" names no setting`, {hint: 'like --if !muted'});
  return [parseText(text.slice(1)), null];
}

/** What has to be so for an edit to be done. */
export function expectedSettings(
  conditions: readonly (readonly [string, string | null])[],
): SettingsEdit['expected'] {
  const expected = stringBag() as Record<string, string | null>; // keys may be any
  for (const [key, value] of conditions) expected[key] = value;
  return expected;
}

/** Turns "changed meanwhile" into what the settings are and what they were to be. */
export async function explainConflict<T>(
  expected: SettingsEdit['expected'],
  write: () => Promise<T>,
  newest: () => Promise<StringBag>,
): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (!(cause instanceof SettingsConflictError)) throw cause;
    const now = await newest();
    const others = Object.entries(expected)
      .filter(([key, value]) => (now[key] ?? null) !== value)
      .map(([key, value]) => `"${key}" is ${settingText(now[key])}, not ${settingText(value ?? undefined)}`);
    throw new ConflictError(`nothing was changed: ${others.join('; ') || 'it was changed meanwhile'}`, {
      cause,
    });
  }
}

const settingText = (value: string | undefined): string =>
  value === undefined ? 'not there' : JSON.stringify(value);
