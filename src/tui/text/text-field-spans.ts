import type {TextField} from '../model/text-field.js';
import {type DrawStyle, type Span, safeSpanText} from './line.js';

/**
 * Returns the spans of a text field with its cursor. If the text is longer than `columns`, shows
 * the part around the cursor.
 */
export function textFieldSpans(
  {text, cursor, isSelected}: TextField,
  columns: number,
  {measure}: DrawStyle,
): readonly Span[] {
  if (isSelected === true) return [{text: safeSpanText(text), tone: 'cursor'}];
  const characters = [...text];
  const first = firstShown(characters, cursor, columns, measure);
  return [
    {text: first > 0 ? '…' : '', tone: 'dim'},
    {text: safeSpanText(characters.slice(first, cursor).join(''))},
    {text: safeSpanText(characters[cursor] ?? ' '), tone: 'cursor'},
    {text: safeSpanText(characters.slice(cursor + 1).join(''))},
  ].filter((span) => span.text !== '') as readonly Span[];
}

/** Columns reserved for the cursor, a wide character under it, and the truncation sign. */
const reserved = 3;

function firstShown(
  characters: readonly string[],
  cursor: number,
  columns: number,
  measure: DrawStyle['measure'],
): number {
  let left = columns - reserved;
  for (let at = Math.min(cursor, characters.length); at > 0; at -= 1) {
    left -= measure(safeSpanText(characters[at - 1] ?? ''));
    if (left < 0) return at;
  }
  return 0;
}
