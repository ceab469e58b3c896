import type {StringBag} from '../../session/session.js';

/** Changed settings by key; a side that lacks the setting is undefined. */
export type SettingChanges = ReadonlyMap<
  string,
  {readonly before: string | undefined; readonly after: string | undefined}
>;

export function settingChanges(before: StringBag, after: StringBag): SettingChanges {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  const differing = [...keys].filter((key) => settingIn(before, key) !== settingIn(after, key));
  return new Map(
    differing.map((key) => [key, {before: settingIn(before, key), after: settingIn(after, key)}]),
  );
}

const settingIn = (settings: StringBag, key: string): string | undefined =>
  Object.hasOwn(settings, key) ? settings[key] : undefined;
