import {
  type DrawStyle,
  dimSpan,
  emptyLine,
  type Line,
  lineOf,
  safeSpanText,
  tonedSpan,
  truncateLine,
  widthOfLine,
  wrapText,
} from '../../text/line.js';

interface Joined {
  readonly right: Line;
  readonly column: number;
  readonly line: Line;
}

/** Caches joined lines by their left line, so that unchanged lines are not redrawn. */
const joined = new WeakMap<Line, Joined>();

/** Places two blocks side by side; the right one starts at column `column`. */
export function placeSideBySide(
  left: readonly Line[],
  right: readonly Line[],
  column: number,
  style: DrawStyle,
): readonly Line[] {
  return Array.from({length: Math.max(left.length, right.length)}, (_, at) =>
    joinedLine(left[at] ?? emptyLine, right[at] ?? emptyLine, column, style),
  );
}

function joinedLine(left: Line, right: Line, column: number, style: DrawStyle): Line {
  const known = joined.get(left);
  if (known?.right === right && known.column === column) return known.line;
  const first = truncateLine(left, column, style);
  const space = {text: ' '.repeat(Math.max(0, column - widthOfLine(first, style)))};
  const made = {spans: [...first.spans, space, ...right.spans]};
  joined.set(left, {right, column, line: made});
  return made;
}

/** Draws a block heading: a title, a remark, and a rule across the remaining width. */
export function blockTitle(title: string, remark: string, width: number, style: DrawStyle): Line {
  const bar = style.ascii ? '-' : '─';
  const said = remark === '' ? '' : `${safeSpanText(remark)} `;
  const used = style.measure(title) + style.measure(said) + 4;
  return {
    spans: [
      dimSpan(` ${bar} `),
      tonedSpan('head', `${title} `),
      dimSpan(`${said}${bar.repeat(Math.max(0, width - used - 1))}`),
    ],
  };
}

/** Draws the full texts of the row under the cursor, below a rule. */
export function rowDetailLines(
  texts: readonly string[],
  width: number,
  rows: number,
  style: DrawStyle,
): readonly Line[] {
  const rule = lineOf(dimSpan((style.ascii ? '-' : '─').repeat(width)));
  const wrapped = texts.flatMap((text) => wrapText(safeSpanText(text), width - 4, style));
  return [rule, ...wrapped.map((text) => lineOf(`  ${text}`))].slice(0, rows);
}
