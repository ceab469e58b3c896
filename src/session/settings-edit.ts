import {type StringBag, stringBag} from './session.js';

/** A change of some settings: what it does not name stays as it is. */
export interface SettingsEdit {
  readonly set: StringBag;
  readonly unset: readonly string[];
  /** What the named settings have to be for the edit to be done, null for not there; others may be anything. */
  readonly expected: Readonly<Record<string, string | null>>;
}

/** A setting that was changed here and there: as it was, as it is wanted, as it is now. Undefined: not there. */
export interface SettingConflict {
  readonly key: string;
  readonly before: string | undefined;
  readonly mine: string | undefined;
  readonly theirs: string | undefined;
}

/** The change that leads from one state to the other, to be done only where each changed setting is as it was. */
export function editBetween(before: StringBag, after: StringBag): SettingsEdit {
  const set = Object.entries(after).filter(([key, value]) => before[key] !== value);
  const unset = Object.keys(before).filter((key) => after[key] === undefined);
  const changed = [...set.map(([key]) => key), ...unset];
  return {set: stringBag(set), unset, expected: expectedOf(changed, before)};
}

export function isEmptyEdit({set, unset}: SettingsEdit): boolean {
  return unset.length === 0 && Object.keys(set).length === 0;
}

/** The settings after the edit. */
export function applyEdit(settings: StringBag, {set, unset}: SettingsEdit): StringBag {
  const kept = Object.entries(settings).filter(([key]) => !unset.includes(key));
  return stringBag([...kept, ...Object.entries(set)]);
}

/** Whether every setting that the edit names is as it expects. */
export function isAsExpected({expected}: SettingsEdit, now: StringBag): boolean {
  return Object.entries(expected).every(([key, value]) => (now[key] ?? null) === value);
}

/** What two changed differently since the edit was begun; a setting that has become what is wanted does not. */
export function conflictsWith(edit: SettingsEdit, now: StringBag): readonly SettingConflict[] {
  return Object.entries(edit.expected)
    .map(([key, value]) => ({
      key,
      before: value ?? undefined,
      mine: edit.unset.includes(key) ? undefined : (edit.set[key] ?? value ?? undefined),
      theirs: now[key],
    }))
    .filter(({before, mine, theirs}) => theirs !== before && theirs !== mine);
}

/** A map of remote keys, so made as `stringBag` makes it. */
function expectedOf(keys: readonly string[], before: StringBag): SettingsEdit['expected'] {
  const expected = stringBag() as Record<string, string | null>;
  for (const key of keys) expected[key] = before[key] ?? null;
  return expected;
}
