import {didYouMean} from '../../base/closest-match.js';
import {UsageError} from '../../base/errors.js';
import type {Column, Presenter} from '../../output/formats/presenter.js';

const maxColumns = 50;

/** `--columns session,uid,settings.room`: these, in this order. `extra` makes columns that the sheet has by pattern. */
export function withColumns<Row>(
  sheet: Presenter<Row>,
  names: readonly string[] | undefined,
  extra: (name: string) => Column<Row> | undefined,
): Presenter<Row> {
  if (names === undefined) return sheet;
  const known = new Map(sheet.columns.map((column) => [column.header.toLowerCase(), column]));
  const columns = names.map((name) => {
    const column = known.get(name.toLowerCase()) ?? extra(name);
    if (column !== undefined) return {...column, wide: false};
    throw new UsageError(`there is no column "${name}"`, {
      hint: didYouMean(
        name,
        [...known.keys()],
        `choose from ${[...known.keys()].join(', ')}, settings.<key>`,
      ),
    });
  });
  return {...sheet, columns};
}

/** Names between commas. */
export function parseColumns(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('') || names.length > maxColumns)
    throw new UsageError(`"${text}" is no list of columns`);
  return names;
}
