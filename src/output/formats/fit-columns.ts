import type {Column} from './presenter.js';

/** Spaces between two columns. */
export const columnGap = '  ';

/** What happens to a cell that is wider than its column. */
export type CellFit = 'whole' | 'wrap' | 'cut';

export interface FittedColumns<Row> {
  readonly columns: readonly Column<Row>[];
  readonly widths: readonly number[];
  /** Headers of columns left out. */
  readonly dropped: readonly string[];
  /** Headers of columns with truncated cells. */
  readonly cut: readonly string[];
}

/** Maximum width reserved for a column of ids. Longer ids push the rest of their line to the right. */
const maxReservedWidth = 40;
/** Width reserved for a column of ids if the table would not fit otherwise. */
const minReservedWidth = 16;
const minCutWidth = 6;
const minWrapWidth = 20;

/** Returns how to fit a column. Numbers, which are right-aligned, are never cut: a cut number would be wrong. */
export function cellFit({fit, align}: Column<never>): CellFit {
  if (fit === 'wrap') return 'wrap';
  return fit === 'whole' || align === 'right' ? 'whole' : 'cut';
}

/** Fits columns to the terminal width: cuts cells first, then leaves out columns. `widths` are those of the widest cells. */
export function fitColumns<Row>(
  columns: readonly Column<Row>[],
  widths: readonly number[],
  terminal: number,
): FittedColumns<Row> {
  const all = columns.map((column, at) => ({column, ...roomOf(column, widths[at] ?? 0)}));
  const droppable = all
    .filter(({column}) => column.dropOrder !== undefined)
    .sort((one, other) => (one.column.dropOrder ?? 0) - (other.column.dropOrder ?? 0));
  let shown = all;
  const dropped: string[] = [];
  while (lineWidth(shown.map(({least}) => least)) > terminal) {
    const next = droppable.shift();
    if (next === undefined) break;
    shown = shown.filter((one) => one !== next);
    dropped.push(next.column.header);
  }
  const isTooWide = lineWidth(shown.map(({least}) => least)) > terminal;
  const rooms = isTooWide ? shown.map(withLeastReserved) : shown;
  const fitted = narrowed(rooms, terminal);
  const isCut = (at: number): boolean => {
    const {column, wanted} = shown[at] as Room<Row>;
    return cellFit(column) === 'cut' && (fitted[at] ?? 0) < wanted;
  };
  return {
    columns: shown.map(({column}) => column),
    widths: fitted,
    dropped,
    cut: shown.flatMap(({column}, at) => (isCut(at) ? [column.header] : [])),
  };
}

interface Room<Row> {
  readonly column: Column<Row>;
  readonly wanted: number;
  readonly least: number;
}

function roomOf<Row>(column: Column<Row>, width: number): Omit<Room<Row>, 'column'> {
  switch (cellFit(column)) {
    case 'whole': {
      const reserved = Math.min(width, maxReservedWidth);
      return {wanted: reserved, least: reserved};
    }
    case 'wrap':
      return {wanted: width, least: Math.min(width, minWrapWidth)};
    case 'cut':
      return {
        wanted: width,
        least: Math.min(width, typeof column.fit === 'number' ? column.fit : minCutWidth),
      };
  }
}

function withLeastReserved<Row>(room: Room<Row>): Room<Row> {
  if (cellFit(room.column) !== 'whole') return room;
  return {...room, least: Math.min(room.least, minReservedWidth)};
}

/** Narrows the widest column repeatedly until the line fits or every column has its minimum width. */
function narrowed(rooms: readonly Pick<Room<never>, 'wanted' | 'least'>[], terminal: number): number[] {
  const widths = rooms.map(({wanted}) => wanted);
  for (let excess = lineWidth(widths) - terminal; excess > 0; excess -= 1) {
    let widest = -1;
    for (const [at, {least}] of rooms.entries()) {
      const width = widths[at] ?? 0;
      if (width > least && width > (widths[widest] ?? 0)) widest = at;
    }
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

const lineWidth = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, columnGap.length * (widths.length - 1));
