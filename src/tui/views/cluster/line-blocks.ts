import {
  type DrawStyle,
  dimSpan,
  type Line,
  lineOf,
  safeSpanText,
  tonedSpan,
  truncateLine,
  widthOfLine,
  wrapText,
} from '../../text/line.js';

/** Places two blocks side by side; the right one starts at column `at`. */
export function placeSideBySide(
  left: readonly Line[],
  right: readonly Line[],
  column: number,
  style: DrawStyle,
): readonly Line[] {
  return Array.from({length: Math.max(left.length, right.length)}, (_, at) => {
    const first = truncateLine(left[at] ?? {spans: []}, column, style);
    const space = {text: ' '.repeat(Math.max(0, column - widthOfLine(first, style)))};
    return {spans: [...first.spans, space, ...(right[at]?.spans ?? [])]};
  });
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
