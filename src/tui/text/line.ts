import {truncateToWidth} from '../../output/terminal/text-width.js';
import {isTerminalSafe, safeText} from '../../output/text/safe-text.js';
import type {TextTone, Theme} from './theme.js';

/** A piece of a line. Remote text must be passed through `safeSpanText`. */
export interface Span {
  readonly text: string;
  readonly tone?: TextTone | undefined;
  /** Column to sort by when this header is clicked. */
  readonly sortBy?: string | undefined;
}

/** One row of the screen. */
export interface Line {
  readonly spans: readonly Span[];
  /** Tone of the whole row. */
  readonly tone?: TextTone | undefined;
}

/** Theme and character widths that lines are drawn with. */
export interface DrawStyle {
  readonly theme: Theme;
  /** Returns how many columns the text occupies. */
  readonly measure: (text: string) => number;
  readonly ascii: boolean;
}

export const emptyLine: Line = {spans: []};

/** Joins strings and spans into a line, dropping empty ones. */
export function lineOf(...parts: readonly (string | Span | undefined)[]): Line {
  return {spans: parts.filter((part) => part !== undefined && part !== '').map(spanOf)};
}

const spanOf = (part: string | Span | undefined): Span =>
  typeof part === 'object' ? part : {text: part ?? ''};

export const tonedSpan = (tone: TextTone, text: string): Span => ({text, tone});

export const dimSpan = (text: string): Span => tonedSpan('dim', text);

/** Makes remote text safe to draw. */
export const safeSpanText = safeText;

export const widthOfLine = ({spans}: Line, {measure}: DrawStyle): number =>
  spans.reduce((sum, {text}) => sum + measure(text), 0);

/** Truncates or pads the text to exactly `columns` columns. */
export function fitToWidth(
  text: string,
  columns: number,
  {measure}: DrawStyle,
  align: 'left' | 'right' = 'left',
): string {
  const cut = truncateToWidth(text, columns, measure);
  const space = ' '.repeat(Math.max(0, columns - measure(cut)));
  return align === 'right' ? space + cut : cut + space;
}

/** Joins two lines, the second right-aligned. Drops the second if both don't fit. */
export function joinLeftAndRight(left: Line, right: Line, columns: number, style: DrawStyle): Line {
  const gap = columns - widthOfLine(left, style) - widthOfLine(right, style);
  if (gap < 1) return left;
  return {...left, spans: [...left.spans, {text: ' '.repeat(gap)}, ...right.spans]};
}

/** Truncates a line at `columns` columns. */
export function truncateLine(line: Line, columns: number, style: DrawStyle): Line {
  let left = columns;
  const spans: Span[] = [];
  for (const span of line.spans) {
    if (left <= 0) break;
    const text = truncateToWidth(span.text, left, style.measure);
    left -= style.measure(text);
    spans.push(text === span.text ? span : {...span, text});
  }
  return {...line, spans};
}

/** Renders a line to exactly `columns` columns, without cursor movement. */
export function drawLine({spans, tone}: Line, columns: number, style: DrawStyle): string {
  let left = columns;
  let text = '';
  for (const span of spans) {
    if (left <= 0) break;
    const checked = isTerminalSafe(span.text) && !span.text.includes('\n') ? span.text : safeText(span.text);
    const cut = truncateToWidth(checked, left, style.measure);
    left -= style.measure(cut);
    text += inTone(cut, span.tone, style);
  }
  return inTone(text + ' '.repeat(Math.max(0, left)), tone, style);
}

function inTone(text: string, tone: TextTone | undefined, {theme}: DrawStyle): string {
  if (tone === undefined || text === '') return text;
  const [open, close] = theme[tone];
  return open + text + close;
}

/** Wraps text at `columns` columns, splitting longer words. */
export function wrapText(text: string, columns: number, {measure}: DrawStyle): readonly string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    const joined = current === '' ? word : `${current} ${word}`;
    if (measure(joined) <= columns) {
      current = joined;
      continue;
    }
    if (current !== '') lines.push(current);
    current = word;
    while (measure(current) > columns && columns > 1) {
      const head = truncateToWidth(current, columns, measure).slice(0, -1);
      lines.push(head);
      current = current.slice(head.length);
    }
  }
  return current === '' && lines.length > 0 ? lines : [...lines, current];
}
