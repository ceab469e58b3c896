import type {Sheet} from '../../output/sheet.js';

export type SettingEntry = readonly [key: string, value: string];

export const settingsSheet: Sheet<SettingEntry> = {
  columns: [
    {header: 'KEY', cell: ([key]) => key},
    {header: 'VALUE', cell: ([, value]) => value},
  ],
  record: ([key, value]) => ({key, value}),
  id: ([key]) => key,
};
