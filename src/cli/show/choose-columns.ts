import {didYouMean} from '../../base/closest-match.js';
import {UsageError} from '../../base/errors.js';
import type {Column, Presenter} from '../../output/formats/presenter.js';
import {fieldNameOf} from '../../selector/fields.js';

const maxColumns = 50;

/** Selects and orders columns by name. `extra` returns columns with computed names, such as `settings.room`. */
export function withColumns<Row>(
  presenter: Presenter<Row>,
  names: readonly string[] | undefined,
  extra: (name: string) => Column<Row> | undefined,
): Presenter<Row> {
  if (names === undefined) return presenter;
  const known = new Map(presenter.columns.map((column) => [column.header.toLowerCase(), column]));
  const columns = names.map((name) => {
    const column = known.get(fieldNameOf(name.toLowerCase())) ?? extra(name);
    if (column !== undefined) return chosen(column);
    throw new UsageError(`unknown column "${name}"`, {
      hint: didYouMean(
        name,
        [...known.keys()],
        `choose from ${[...known.keys()].join(', ')}, settings.<key>`,
      ),
    });
  });
  return {...presenter, columns};
}

/** Makes a requested column appear in every format, and never dropped on a narrow terminal. */
function chosen<Row>({dropOrder: _, wide: __, ...column}: Column<Row>): Column<Row> {
  return column;
}

/** Parses comma-separated column names. */
export function parseColumns(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('') || names.length > maxColumns)
    throw new UsageError(`invalid list of columns "${text}"`);
  return names;
}
