import {
  dim,
  type Line,
  line,
  type Pen,
  safeSpanText,
  truncateLine,
  widthOf,
  withTone,
  wrapText,
} from '../../text/line.js';

/** Places two blocks side by side; the right one starts at column `at`. */
export function beside(
  left: readonly Line[],
  right: readonly Line[],
  column: number,
  pen: Pen,
): readonly Line[] {
  return Array.from({length: Math.max(left.length, right.length)}, (_, at) => {
    const first = truncateLine(left[at] ?? {spans: []}, column, pen);
    const space = {text: ' '.repeat(Math.max(0, column - widthOf(first, pen)))};
    return {spans: [...first.spans, space, ...(right[at]?.spans ?? [])]};
  });
}

/** Draws a block heading: a title, a remark, and a rule across the remaining width. */
export function blockTitle(title: string, remark: string, width: number, pen: Pen): Line {
  const bar = pen.ascii ? '-' : '─';
  const said = remark === '' ? '' : `${safeSpanText(remark)} `;
  const used = pen.measure(title) + pen.measure(said) + 4;
  return {
    spans: [
      dim(` ${bar} `),
      withTone('head', `${title} `),
      dim(`${said}${bar.repeat(Math.max(0, width - used - 1))}`),
    ],
  };
}

/** Draws the full texts of the row under the cursor, below a rule. */
export function detailLines(
  texts: readonly string[],
  width: number,
  rows: number,
  pen: Pen,
): readonly Line[] {
  const rule = line(dim((pen.ascii ? '-' : '─').repeat(width)));
  const wrapped = texts.flatMap((text) => wrapText(safeSpanText(text), width - 4, pen));
  return [rule, ...wrapped.map((text) => line(`  ${text}`))].slice(0, rows);
}
