import {type DrawStyle, fitToWidth, type Line, type Span, safeSpanText} from './line.js';
import type {TextTone} from './theme.js';

/** A column of a screen table. */
export interface ScreenColumn<Row> {
  readonly header: string;
  /**
   * Sort name of the column. Undefined means the header; empty means that the column can't be
   * sorted.
   */
  readonly sort?: string | undefined;
  /** Returns the cell's unescaped text at `now`, in Unix milliseconds; the layout escapes it. */
  readonly cell: (row: Row, now: number) => string;
  /** Whether the text depends on `now`. If not, it is computed once per row. */
  readonly isTimed?: boolean | undefined;
  readonly align?: 'left' | 'right' | undefined;
  /** Priority on narrow screens: columns with low numbers are kept. */
  readonly priority: number;
  /** Width reserved at this priority; the column gets more if the others leave it. */
  readonly reserved?: number | undefined;
  /** Maximum width. */
  readonly maxWidth?: number | undefined;
  /** Whether the column may be truncated; if not, it is left out when it doesn't fit. */
  readonly canTruncate?: boolean | undefined;
  readonly tone?: ((row: Row) => TextTone | undefined) | undefined;
}

/** Text of a cell, escaped, and its width. The same object until the text changes. */
interface Cell {
  readonly text: string;
  readonly width: number;
}

interface TableLayout<Row> {
  readonly columns: readonly {readonly column: ScreenColumn<Row>; readonly width: number}[];
  /** Returns the row's cells for these columns. */
  readonly cellsOf: (row: Row) => readonly Cell[];
}

const gap = 2;
/** Minimum width of a truncated column. */
const least = 6;

/** Chooses the columns that fit and their widths from the given rows. */
export function tableLayout<Row extends object>(
  columns: readonly ScreenColumn<Row>[],
  rows: readonly Row[],
  {width, now}: {readonly width: number; readonly now: number},
  style: DrawStyle,
): TableLayout<Row> {
  const natural = new Map(columns.map((column) => [column, naturalWidth(column, rows, now, style)]));
  const chosen = new Map<ScreenColumn<Row>, number>();
  let left = width + gap;
  for (const column of [...columns].sort((one, other) => one.priority - other.priority)) {
    const wanted = Math.min(natural.get(column) ?? least, column.reserved ?? Number.POSITIVE_INFINITY);
    const granted = Math.min(wanted, left - gap);
    const enough = column.canTruncate === true || chosen.size === 0 ? Math.min(wanted, least) : wanted;
    if (granted < Math.min(enough, wanted)) continue;
    chosen.set(column, granted);
    left -= granted + gap;
  }
  for (const [column, granted] of chosen) {
    if (column.reserved === undefined) continue;
    const more = Math.min((natural.get(column) ?? granted) - granted, left);
    chosen.set(column, granted + more);
    left -= more;
  }
  const shown = columns.flatMap((column) => {
    const given = chosen.get(column);
    return given === undefined ? [] : [{column, width: given}];
  });
  return {columns: shown, cellsOf: (row) => shown.map(({column}) => cellOf(column, row, now, style))};
}

/** Cached cells of displayed rows, by column. */
const known = new WeakMap<object, WeakMap<object, Cell>>();

function cellOf<Row extends object>(
  column: ScreenColumn<Row>,
  row: Row,
  now: number,
  style: DrawStyle,
): Cell {
  const cells = known.get(column) ?? new WeakMap<object, Cell>();
  const last = cells.get(row);
  if (last !== undefined && column.isTimed !== true) return last;
  const text = safeSpanText(column.cell(row, now));
  if (last?.text === text) return last;
  const cell = {text, width: style.measure(text)};
  known.set(column, cells.set(row, cell));
  return cell;
}

function naturalWidth<Row extends object>(
  column: ScreenColumn<Row>,
  rows: readonly Row[],
  now: number,
  style: DrawStyle,
): number {
  const widest = rows.reduce(
    (most, row) => Math.max(most, cellOf(column, row, now, style).width),
    style.measure(safeSpanText(column.header)),
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
    {text: fitToWidth(cells[at]?.text ?? '', width, style, column.align), tone: column.tone?.(row)},
  ]);
  return {spans: [margin, ...spans]};
}
