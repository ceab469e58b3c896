const ascii = /^[ -~]*$/;

/** Returns a function that measures text in terminal columns. Loads string-width only if a text is not plain ASCII. */
export async function loadWidthMeasure(texts: Iterable<string>): Promise<(text: string) => number> {
  for (const text of texts) {
    if (ascii.test(text)) continue;
    const {default: stringWidth} = await import('string-width');
    return (some) => (ascii.test(some) ? some.length : stringWidth(some));
  }
  return asciiWidth;
}

/** Returns the width of plain ASCII. */
export const asciiWidth = (text: string): number => text.length;

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u;

/** Estimates the width in columns without loading string-width. Precise enough for the marks under an error. */
export const approximateWidth = (text: string): number =>
  [...text].reduce((sum, character) => sum + (wide.test(character) ? 2 : 1), 0);

/** ASCII without backslash: each character takes one column, and there is no escape to split. */
const withoutEscapes = /^[ -[\]-~]*$/;

/** Replaces the text that was cut off. */
const mark = '…';

/** Cuts text to a number of columns at a grapheme boundary, never inside an escape such as `\u{1b}`, and appends `…`. */
export function truncateToWidth(text: string, columns: number, measure: (text: string) => number): string {
  if (withoutEscapes.test(text)) return text.length <= columns ? text : text.slice(0, columns - 1) + mark;
  if (measure(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const piece of pieces(text)) {
    const next = measure(piece);
    if (width + next > columns - 1) break;
    kept += piece;
    width += next;
  }
  return kept + mark;
}

function* pieces(text: string): Iterable<string> {
  const token = /\\(?:u\{[0-9a-f]+\}|.)/y;
  for (const {segment, index} of new Intl.Segmenter().segment(text)) {
    if (index < token.lastIndex) continue;
    token.lastIndex = index;
    const match = segment.startsWith('\\') ? token.exec(text) : null;
    if (match === null) token.lastIndex = 0;
    yield match?.[0] ?? segment;
  }
}

/** Breaks text into lines at spaces. Never breaks a word, so that commands and ids can be copied. */
export function wrapWords(
  text: string,
  columns: number,
  measure: (text: string) => number,
): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || measure(longer) <= columns) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}
