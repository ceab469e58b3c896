import {ConflictError, SettingsConflictError, UsageError} from '../../../base/errors.js';
import {type StringBag, stringBag} from '../../../session/session.js';
import type {SettingsEdit} from '../../../session/settings-edit.js';
import {parseKeyValuePair, parseUtf8Text} from '../../line/parsers.js';

/** Parses `key=value`, or `!key` for a setting that must be unset. Throws UsageError. */
export function parseSettingCondition(text: string): readonly [string, string | null] {
  if (!text.startsWith('!')) return parseKeyValuePair(text);
  if (text.slice(1).trim() === '')
    throw new UsageError(`invalid condition "${text}": expected key=value or !key`, {
      hint: "for example --if '!muted'",
    });
  return [parseUtf8Text(text.slice(1)), null];
}

/** Converts conditions to expected values by key; null means unset. */
export function expectedSettings(
  conditions: readonly (readonly [string, string | null])[],
): SettingsEdit['expected'] {
  const expected = stringBag() as Record<string, string | null>; // any string may be a key, including __proto__
  for (const [key, value] of conditions) expected[key] = value;
  return expected;
}

/** Runs `write`. Rethrows a settings conflict as a ConflictError that lists the current and the expected values. */
export async function explainSettingsConflict<T>(
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
      .map(
        ([key, value]) => `"${key}" is ${settingText(now[key])}, expected ${settingText(value ?? undefined)}`,
      );
    throw new ConflictError(
      `nothing was changed: ${others.join('; ') || 'the settings were changed concurrently'}`,
      {
        cause,
      },
    );
  }
}

const settingText = (value: string | undefined): string =>
  value === undefined ? 'unset' : JSON.stringify(value);
