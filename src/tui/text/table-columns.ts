import {type DrawStyle, fitToWidth, type Line, type Span, safeSpanText} from './line.js';
import type {Tone} from './theme.js';

/** A column of a screen table. */
export interface ScreenColumn<Row> {
  readonly header: string;
  /**
   * Sort name of the column. Undefined means the header; empty means that the column can't be
   * sorted.
   */
  readonly sort?: string | undefined;
  /** Returns the cell's unescaped text; the layout escapes it. */
  readonly cell: (row: Row) => string;
  readonly align?: 'left' | 'right' | undefined;
  /** Priority on narrow screens: columns with low numbers are kept. */
  readonly priority: number;
  /** Maximum width. */
  readonly maxWidth?: number | undefined;
  /** Whether the column may be truncated; if not, it is left out when it doesn't fit. */
  readonly canTruncate?: boolean | undefined;
  readonly tone?: ((row: Row) => Tone | undefined) | undefined;
}

interface TableLayout<Row> {
  readonly columns: readonly {readonly column: ScreenColumn<Row>; readonly width: number}[];
  /** Returns the row's cells for these columns, escaped. */
  readonly cellsOf: (row: Row) => readonly string[];
}

const gap = 2;
/** Minimum width of a truncated column. */
const least = 6;

/** Chooses the columns that fit and their widths from the given rows. */
export function tableLayout<Row>(
  columns: readonly ScreenColumn<Row>[],
  rows: readonly Row[],
  width: number,
  style: DrawStyle,
): TableLayout<Row> {
  const cells = new Map(rows.map((row) => [row, columns.map(({cell}) => safeSpanText(cell(row)))]));
  const natural = new Map(
    columns.map((column, at) => [column, naturalWidth(column, at, [...cells.values()], style)]),
  );
  const chosen = new Map<ScreenColumn<Row>, number>();
  let left = width + gap;
  for (const column of [...columns].sort((one, other) => one.priority - other.priority)) {
    const wanted = natural.get(column) ?? least;
    const granted = Math.min(wanted, left - gap);
    const enough = column.canTruncate === true || chosen.size === 0 ? Math.min(wanted, least) : wanted;
    if (granted < Math.min(enough, wanted)) continue;
    chosen.set(column, granted);
    left -= granted + gap;
  }
  const isChosen = columns.map((column) => chosen.has(column));
  return {
    columns: columns.flatMap((column) => {
      const given = chosen.get(column);
      return given === undefined ? [] : [{column, width: given}];
    }),
    cellsOf: (row) => (cells.get(row) ?? []).filter((_, at) => isChosen[at]),
  };
}

function naturalWidth<Row>(
  column: ScreenColumn<Row>,
  at: number,
  rows: readonly (readonly string[])[],
  {measure}: DrawStyle,
): number {
  const widest = rows.reduce(
    (most, cells) => Math.max(most, measure(cells[at] ?? '')),
    measure(safeSpanText(column.header)),
  );
  return Math.min(widest, column.maxWidth ?? Number.POSITIVE_INFINITY);
}

export const columnSortId = ({sort, header}: Pick<ScreenColumn<never>, 'sort' | 'header'>): string =>
  sort ?? header;

/** Draws the headers. Each span carries its column, so that a click on it can sort. */
export function columnHeaderLine<Row>(layout: TableLayout<Row>, style: DrawStyle, margin: string): Line {
  const spans = layout.columns.map(
    ({column, width}, at): Span => ({
      text:
        ' '.repeat(at === 0 ? 0 : gap) + fitToWidth(safeSpanText(column.header), width, style, column.align),
      tone: 'head',
      sortBy: columnSortId(column),
    }),
  );
  return {spans: [{text: margin}, ...spans]};
}

/** Draws one row; `margin` holds the cursor and mark signs. */
export function columnRowLine<Row>(layout: TableLayout<Row>, row: Row, style: DrawStyle, margin: Span): Line {
  const cells = layout.cellsOf(row);
  const spans = layout.columns.flatMap(({column, width}, at): Span[] => [
    ...(at === 0 ? [] : [{text: ' '.repeat(gap)}]),
    {text: fitToWidth(cells[at] ?? '', width, style, column.align), tone: column.tone?.(row)},
  ]);
  return {spans: [margin, ...spans]};
}
