import type {Sheet} from '../../output/sheet.js';
import {type ConnectionSettings, withoutUserinfo} from '../connection-options.js';
import type {Setting} from '../layers.js';

export interface ContextRow {
  readonly name: string;
  readonly selected: boolean;
  readonly server: string;
  readonly registry: string;
  readonly readOnly: boolean;
}

export const contextSheet: Sheet<ContextRow> = {
  columns: [
    {header: 'NAME', cell: ({name}) => name},
    {header: 'SELECTED', cell: ({selected}) => (selected ? 'yes' : '')},
    {header: 'SERVER', cell: ({server}) => server},
    {header: 'REGISTRY', cell: ({registry}) => registry},
    {header: 'READ-ONLY', cell: ({readOnly}) => (readOnly ? 'yes' : '')},
  ],
  record: (row) => ({...row}),
  id: ({name}) => name,
};

export interface SettingRow {
  readonly name: string;
  readonly value: string;
  readonly origin: string;
}

/** What is in force and who said it. Secrets stand in files and are never shown. */
export function settingRows({secrets, ...settings}: ConnectionSettings): readonly SettingRow[] {
  const shown: Readonly<Record<string, Setting<unknown> | undefined>> = {...settings};
  const rows = Object.entries(shown).flatMap(([name, setting]) =>
    setting === undefined
      ? []
      : [{name, value: shownValue(name, String(setting.value)), origin: setting.where}],
  );
  const origin = settings.natsContext === undefined ? '' : `natscli context "${settings.natsContext.value}"`;
  const hidden = Object.entries(secrets).filter(([, value]) => value !== undefined);
  return [...rows, ...hidden.map(([name]) => ({name, value: 'set', origin}))];
}

/** URLs may hold credentials; a static registry has an `@` in each node id. */
export function shownValue(name: string, value: string): string {
  const isUrl = name === 'server' || (name === 'registry' && !value.startsWith('static:'));
  return isUrl ? withoutUserinfo(value) : value;
}

export const settingSheet: Sheet<SettingRow> = {
  columns: [
    {header: 'SETTING', cell: ({name}) => name},
    {header: 'VALUE', cell: ({value}) => value},
    {header: 'SET BY', cell: ({origin}) => origin},
  ],
  record: (row) => ({...row}),
  id: ({name}) => name,
};
