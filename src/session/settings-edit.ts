import {type StringBag, stringBag} from './session.js';

/** A change to some settings; all others stay unchanged. */
export interface SettingsEdit {
  readonly set: StringBag;
  readonly unset: readonly string[];
  /** Values that settings must have before the edit. Null requires that the setting does not exist. */
  readonly expected: Readonly<Record<string, string | null>>;
}

/** A setting that two writers changed differently. Undefined means that the setting does not exist. */
export interface SettingConflict {
  readonly key: string;
  readonly before: string | undefined;
  readonly mine: string | undefined;
  readonly theirs: string | undefined;
}

/** Returns the edit that turns `before` into `after`. It expects each changed setting to have its old value. */
export function settingsEditBetween(before: StringBag, after: StringBag): SettingsEdit {
  const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
  const unset = Object.keys(before).filter((key) => after[key] === undefined);
  const changed = [...set.map(([key]) => key), ...unset];
  return {set: stringBag(set), unset, expected: expectedOf(changed, before)};
}

export function isEmptySettingsEdit({set, unset}: SettingsEdit): boolean {
  return unset.length === 0 && Object.keys(set).length === 0;
}

/** Returns the settings with the edit applied. */
export function applySettingsEdit(settings: StringBag, {set, unset}: SettingsEdit): StringBag {
  const kept = Object.entries(settings).filter(([key]) => !unset.includes(key));
  return stringBag([...kept, ...Object.entries(set)]);
}

/** Returns true if all settings have the values that the edit expects. */
export function matchesExpectedSettings({expected}: SettingsEdit, now: StringBag): boolean {
  return Object.entries(expected).every(([key, value]) => (now[key] ?? null) === value);
}

/** Returns the settings that others changed since the edit began, except those that already have the wanted value. */
export function settingConflicts(edit: SettingsEdit, now: StringBag): readonly SettingConflict[] {
  return Object.entries(edit.expected)
    .map(([key, value]) => ({
      key,
      before: value ?? undefined,
      mine: edit.unset.includes(key) ? undefined : (edit.set[key] ?? value ?? undefined),
      theirs: now[key],
    }))
    .filter(({before, mine, theirs}) => theirs !== before && theirs !== mine);
}

/** Returns the old value of each key; null if there is none. Uses `stringBag` because keys are untrusted. */
function expectedOf(keys: readonly string[], before: StringBag): SettingsEdit['expected'] {
  const expected = stringBag() as Record<string, string | null>;
  for (const key of keys) expected[key] = before[key] ?? null;
  return expected;
}
