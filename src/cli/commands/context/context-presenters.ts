import type {Presenter} from '../../../output/formats/presenter.js';
import {type ConnectionSettings, maskUrlCredentials} from '../../settings/connection-settings.js';
import type {SourcedValue} from '../../settings/settings-layers.js';

export interface ContextRow {
  readonly name: string;
  readonly selected: boolean;
  readonly server: string;
  readonly registry: string;
  readonly readOnly: boolean;
  readonly protected: boolean;
  /** Why the context file is unusable; empty if it is usable. */
  readonly fault: string;
}

export const contextPresenter: Presenter<ContextRow> = {
  columns: [
    {header: 'NAME', cell: ({name}) => name, fit: 'whole'},
    {header: 'SELECTED', cell: ({selected}) => (selected ? 'yes' : '')},
    {header: 'SERVER', cell: ({server}) => server},
    {header: 'REGISTRY', cell: ({registry}) => registry},
    {header: 'READ-ONLY', cell: ({readOnly}) => (readOnly ? 'yes' : '')},
    {header: 'PROTECTED', cell: (row) => (row.protected ? 'yes' : '')},
  ],
  record: ({fault, ...row}) => ({...row, fault: fault === '' ? null : fault}),
  id: ({name}) => name,
};

interface ConnectionSettingRow {
  readonly name: string;
  readonly value: string;
  readonly origin: string;
}

/** Returns the effective settings and the source of each. Secrets are shown as `set`. */
export function connectionSettingRows({
  secrets,
  contextName: _,
  ...settings
}: ConnectionSettings): readonly ConnectionSettingRow[] {
  const shown: Readonly<Record<string, SourcedValue<unknown> | undefined>> = {...settings};
  const rows = Object.entries(shown).map(([name, setting]) => ({
    name,
    setting,
    value: maskSettingCredentials(name, String(setting?.value)),
  }));
  const hidden = Object.entries(secrets).map(([name, setting]) => ({name, setting, value: 'set'}));
  return [...rows, ...hidden].flatMap(({name, setting, value}) =>
    setting === undefined ? [] : [{name, value, origin: setting.source}],
  );
}

/** Removes credentials from URLs. A static registry is not a URL, although its node ids contain `@`. */
export function maskSettingCredentials(name: string, value: string): string {
  const isUrl =
    name === 'server' || name === 'stockStore' || (name === 'registry' && !value.startsWith('static:'));
  return isUrl ? maskUrlCredentials(value) : value;
}

export const connectionSettingPresenter: Presenter<ConnectionSettingRow> = {
  columns: [
    {header: 'NAME', cell: ({name}) => name, fit: 'whole'},
    {header: 'VALUE', cell: ({value}) => value, fit: 'wrap'},
    {header: 'ORIGIN', cell: ({origin}) => origin},
  ],
  record: (row) => ({...row}),
  id: ({name}) => name,
};
