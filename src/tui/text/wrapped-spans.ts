import type {DrawStyle, Line, Span} from './line.js';

/** Breaks spans into lines of at most `columns`, without splitting a span. */
export function wrapSpans(spans: readonly Span[], columns: number, {measure}: DrawStyle): readonly Line[] {
  const lines: Span[][] = [];
  let left = 0;
  for (const span of spans) {
    const width = measure(span.text);
    if (width > left || lines.length === 0) {
      lines.push([]);
      left = columns;
    }
    lines.at(-1)?.push(span);
    left -= width;
  }
  return lines.map((some) => ({spans: some}));
}
