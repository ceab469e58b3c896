import type {Presenter} from '../../../output/formats/presenter.js';

interface DocumentField {
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

/** Returns the non-empty leaves of a document with their paths: `session.settings.room`, `call.args[1].value`. */
export function documentLeaves(value: unknown, path = ''): readonly DocumentField[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => documentLeaves(item, `${path}[${index}]`));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) =>
      documentLeaves(item, path === '' ? key : `${path}.${key}`),
    );
  }
  return value === '' || value === undefined ? [] : [{name: path, value: String(value)}];
}
