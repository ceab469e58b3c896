import type {Window} from '../selectors.js';
import {headerLine, layoutOf, rowLine, type ScreenColumn} from '../text/columns.js';
import type {Line, Pen, Span} from '../text/line.js';

const margin = 2;

export interface Rows<Row> {
  readonly columns: readonly ScreenColumn<Row>[];
  readonly rows: readonly Row[];
  readonly window: Window;
  readonly width: number;
  /** The sign beside a row, and whether the whole row is drawn in a tone. */
  readonly sign?: ((row: Row) => string) | undefined;
  /** Whether the cursor is drawn: not on a part that has not the keys. */
  readonly hasCursor?: boolean | undefined;
}

/** The rows of a window under their header. The cursor has a sign of its own: colours may be off. */
export function tableLines<Row>(table: Rows<Row>, pen: Pen): readonly Line[] {
  const {columns, rows, window, width, sign = () => ' ', hasCursor = true} = table;
  const shown = rows.slice(window.top, window.top + window.height);
  const layout = layoutOf(columns, shown, width - margin, pen);
  const lines = shown.map((row, at): Line => {
    const isCursor = hasCursor && window.top + at === window.index;
    const start: Span = {text: `${isCursor ? '>' : ' '}${sign(row)}`};
    const drawn = rowLine(layout, row, pen, start);
    return isCursor ? {spans: drawn.spans.map(({text}) => ({text})), tone: 'cursor'} : drawn;
  });
  return [headerLine(layout, pen, ' '.repeat(margin)), ...lines];
}
