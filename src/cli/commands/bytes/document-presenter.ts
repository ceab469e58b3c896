import type {Presenter} from '../../../output/formats/presenter.js';

export interface DocumentField {
  readonly name: string;
  readonly value: string;
}

export const documentFieldPresenter: Presenter<DocumentField> = {
  columns: [
    {header: 'FIELD', cell: ({name}) => name},
    {header: 'VALUE', cell: ({value}) => value},
  ],
  record: ({name, value}) => ({name, value}),
  id: ({name}) => name,
};

/** A document's leaves with the way to each: `session.settings.room`, `call.args[1].value`. Empty ones are left out. */
export function documentLeaves(value: unknown, path = ''): readonly DocumentField[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => documentLeaves(item, `${path}[${index}]`));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) =>
      documentLeaves(item, path === '' ? key : `${path}.${key}`),
    );
  }
  return value === '' || value === undefined ? [] : [{name: path, value: String(value)}];
}
