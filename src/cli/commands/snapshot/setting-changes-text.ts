import type {SettingChanges} from '../../../cluster/snapshot/setting-changes.js';

/** For people: `room: a → b`, one a key. */
export const settingChangesText = (settings: SettingChanges): string[] =>
  [...settings].map(([key, value]) => `${key}: ${value.before ?? '-'} → ${value.after ?? '-'}`);

/** For programs: null where there was or is none. */
export const settingChangesJson = (settings: SettingChanges) =>
  Object.fromEntries(
    [...settings].map(([key, value]) => [key, {before: value.before ?? null, after: value.after ?? null}]),
  );
