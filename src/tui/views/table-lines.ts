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

interface Kept {
  readonly shown: readonly object[];
  readonly width: number;
  readonly drawn: DrawnRows<object>;
}

/** Drawn rows of the previous frame, so that moving the cursor redraws only two rows. */
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

/** Returns the cached rows when columns, width and rows are unchanged. */
function drawnRows<Row extends object>(
  {columns: unmarked, width, sort}: Rows<Row>,
  shown: readonly Row[],
  style: DrawStyle,
): DrawnRows<Row> {
  const columns = markedColumns(unmarked, sort);
  const last = kept.get(columns);
  const isSame =
    last?.width === width &&
    last.shown.length === shown.length &&
    shown.every((row, at) => row === last.shown[at]);
  if (isSame) return last.drawn;
  const layout = tableLayout(columns, shown, width - margin, style);
  const lines = new Map<Row, {readonly sign: string; readonly line: Line}>();
  const drawn: DrawnRows<Row> = {
    header: columnHeaderLine(layout, style, ' '.repeat(margin)),
    line(row, sign) {
      const known = lines.get(row);
      if (known?.sign === sign) return known.line;
      const line = columnRowLine(layout, row, style, {text: ` ${sign}`});
      lines.set(row, {sign, line});
      return line;
    },
  };
  kept.set(columns, {shown, width, drawn: drawn as DrawnRows<object>});
  return drawn;
}
