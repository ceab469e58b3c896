import type {SettingChanges} from '../../../cluster/snapshot/setting-changes.js';

/** Returns a text such as `room: a → b` for each changed key. */
export const settingChangesText = (settings: SettingChanges): string[] =>
  [...settings].map(([key, value]) => `${key}: ${value.before ?? '-'} → ${value.after ?? '-'}`);

/** Returns the changes as JSON, with null for an unset value. */
export const settingChangesJson = (settings: SettingChanges) =>
  Object.fromEntries(
    [...settings].map(([key, value]) => [key, {before: value.before ?? null, after: value.after ?? null}]),
  );
