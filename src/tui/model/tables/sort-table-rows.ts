/** Sort order of a table: a column header and a direction. */
export interface SortChoice {
  readonly column: string;
  readonly isReversed: boolean;
}

/** Sort key of each column. Numbers sort from the largest, strings from A to Z. */
export type ColumnSortKeys<Row> = Readonly<Record<string, (row: Row) => string | number>>;

const collator = new Intl.Collator('en', {numeric: true});

/** Cache of the sorted rows per list, for the last choice. */
const known = new WeakMap<
  readonly object[],
  {readonly choice: SortChoice; readonly sorted: readonly object[]}
>();

/**
 * Returns the rows in the chosen order. Unknown values always come last; equal rows keep their
 * order.
 */
export function sortTableRows<Row extends object>(
  rows: readonly Row[],
  choice: SortChoice | undefined,
  columns: ColumnSortKeys<Row>,
): readonly Row[] {
  const read =
    choice === undefined || !Object.hasOwn(columns, choice.column) ? undefined : columns[choice.column];
  if (choice === undefined || read === undefined) return rows;
  const last = known.get(rows);
  if (last?.choice === choice) return last.sorted as readonly Row[];
  const sign = choice.isReversed ? -1 : 1;
  const sorted = rows
    .map((row) => ({row, value: sortValue(read(row))}))
    .sort((one, other) => compare(one.value, other.value, sign))
    .map(({row}) => row);
  known.set(rows, {choice, sorted});
  return sorted;
}

/**
 * Parses a cell for sorting: a number if it contains one, such as `1 204` or `12 ms`; undefined if
 * the value is unknown.
 */
function sortValue(value: string | number): string | number | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value;
  if (value === '' || value === '-') return undefined;
  const number = Number(value.replace(/ ms$/, '').replaceAll(' ', ''));
  return Number.isNaN(number) ? value : number;
}

function compare(one: string | number | undefined, other: typeof one, sign: number): number {
  if (one === undefined || other === undefined)
    return Number(one === undefined) - Number(other === undefined);
  if (typeof one === 'number' && typeof other === 'number') return sign * (other - one);
  return sign * collator.compare(String(one), String(other));
}

interface TextColumn<Row> {
  readonly header: string;
  readonly cell: (row: Row) => string;
}

/** Sorts every column by its text, except for the given sort keys. */
export function sortKeysByCellText<Row>(
  columns: readonly TextColumn<Row>[],
  others: ColumnSortKeys<Row> = {},
): ColumnSortKeys<Row> {
  return {...Object.fromEntries(columns.map(({header, cell}) => [header, cell])), ...others};
}

/** Returns the sort as headers show it: `idle v` from the largest, `idle ^` from the smallest. */
export const sortWithArrow = (text: string): string =>
  text.startsWith('-') ? `${text.slice(1)} ^` : `${text} v`;

/** Returns the reversed sort: `-age` for `age`. */
export const reverseSortText = (text: string): string => (text.startsWith('-') ? text.slice(1) : `-${text}`);
