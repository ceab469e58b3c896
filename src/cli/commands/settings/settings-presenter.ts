import type {Presenter} from '../../../output/formats/presenter.js';

export type SettingEntry = readonly [key: string, value: string];

export const settingsPresenter: Presenter<SettingEntry> = {
  columns: [
    {header: 'KEY', cell: ([key]) => key},
    {header: 'VALUE', cell: ([, value]) => value},
  ],
  record: ([key, value]) => ({key, value}),
  id: ([key]) => key,
};
