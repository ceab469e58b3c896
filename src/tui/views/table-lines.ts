import type {TableWindow} from '../model/derived-state.js';
import type {SortChoice} from '../model/tables/sort-table-rows.js';
import type {DrawStyle, Line} from '../text/line.js';
import {
  columnHeaderLine,
  columnRowLine,
  columnSortId,
  type ScreenColumn,
  tableLayout,
} from '../text/table-columns.js';

const margin = 2;

interface Rows<Row> {
  readonly columns: readonly ScreenColumn<Row>[];
  readonly rows: readonly Row[];
  readonly window: TableWindow;
  readonly width: number;
  /** Returns the sign in the margin of a row. */
  readonly sign?: ((row: Row) => string) | undefined;
  /** Whether a row shows the last known state; such a row is dimmed. */
  readonly isOld?: ((row: Row) => boolean) | undefined;
  /** Whether the cursor is drawn; false for a pane without focus. */
  readonly hasCursor?: boolean | undefined;
  /** Time at which timed cells are drawn, in Unix milliseconds. */
  readonly now?: number | undefined;
  /** Sort order of the rows, marked in the header. */
  readonly sort?: SortChoice | undefined;
}

/**
 * Draws the visible rows below their header. A sign marks the cursor, because colours may be off.
 */
export function tableLines<Row extends object>(table: Rows<Row>, style: DrawStyle): readonly Line[] {
  const {rows, window, sign = () => ' ', isOld = () => false, hasCursor = true} = table;
  const shown = rows.slice(window.top, window.top + window.height);
  const drawn = drawnRows(table, shown, style);
  const lines = shown.map((row, at): Line => {
    const isCursor = hasCursor && window.top + at === window.index;
    const line = drawn.line(row, sign(row));
    if (isCursor) return underCursor(line);
    return isOld(row) ? dimmed(line) : line;
  });
  return [drawn.header, ...lines];
}

/** Dims the spans that have no tone. */
const dimmed = ({spans, ...line}: Line): Line => ({
  ...line,
  spans: spans.map((span) => (span.tone === undefined ? {...span, tone: 'dim'} : span)),
});

function underCursor({spans}: Line): Line {
  const [margin = '', ...texts] = spans.map(({text}) => text);
  return {spans: [`>${margin.slice(1)}`, ...texts].map((text) => ({text})), tone: 'cursor'};
}

interface DrawnRows<Row> {
  readonly header: Line;
  /** Returns the line of a row, cached by row and sign. */
  line(row: Row, sign: string): Line;
}

interface DrawnRow {
  readonly sign: string;
  readonly cells: readonly object[];
  readonly line: Line;
}

interface Kept {
  readonly shown: readonly object[];
  readonly width: number;
  readonly now: number;
  /** Widths of the columns. */
  readonly layout: string;
  readonly drawn: DrawnRows<object>;
  readonly lines: WeakMap<object, DrawnRow>;
}

/** Drawn rows of the previous frame, so that only rows whose text has changed are drawn again. */
const kept = new WeakMap<object, Kept>();

interface Marked {
  readonly sort: SortChoice;
  readonly columns: readonly unknown[];
}

const marked = new WeakMap<object, Marked>();

/** Adds `v` or `^` to the header of the column by which the table is sorted. */
function markedColumns<Row>(
  columns: readonly ScreenColumn<Row>[],
  sort: SortChoice | undefined,
): readonly ScreenColumn<Row>[] {
  if (sort === undefined) return columns;
  const last = marked.get(columns);
  if (last?.sort === sort) return last.columns as readonly ScreenColumn<Row>[];
  const made = columns.map((column) =>
    columnSortId(column) === sort.column
      ? {...column, sort: sort.column, header: `${column.header} ${sort.isReversed ? '^' : 'v'}`}
      : column,
  );
  marked.set(columns, {sort, columns: made});
  return made;
}

/** Marks a table some of whose columns don't fit. */
const headerMargin = (hasHidden: boolean, {ascii}: DrawStyle): string =>
  (hasHidden ? (ascii ? '..' : '…') : '').padEnd(margin);

/** Returns the cached rows when columns, width and rows are unchanged. */
function drawnRows<Row extends object>(
  {columns: unmarked, width, sort, now = 0}: Rows<Row>,
  shown: readonly Row[],
  style: DrawStyle,
): DrawnRows<Row> {
  const columns = markedColumns(unmarked, sort);
  const last = kept.get(columns);
  const isSame =
    last?.width === width &&
    last.now === now &&
    last.shown.length === shown.length &&
    shown.every((row, at) => row === last.shown[at]);
  if (isSame) return last.drawn;
  const table = tableLayout(columns, shown, {width: width - margin, now}, style);
  const layout = table.columns.map(({column, width: one}) => `${column.header} ${one}`).join();
  const isLikeLast = last?.layout === layout;
  const lines = isLikeLast ? last.lines : new WeakMap<object, DrawnRow>();
  const drawn: DrawnRows<Row> = {
    header: isLikeLast
      ? last.drawn.header
      : columnHeaderLine(table, style, headerMargin(table.columns.length < columns.length, style)),
    line(row, sign) {
      const known = lines.get(row);
      const cells = table.cellsOf(row);
      if (known?.sign === sign && cells.every((cell, at) => cell === known.cells[at])) return known.line;
      const line = columnRowLine(table, row, style, {text: ` ${sign}`});
      lines.set(row, {sign, cells, line});
      return line;
    },
  };
  kept.set(columns, {shown, width, now, layout, lines, drawn: drawn as DrawnRows<object>});
  return drawn;
}
