/**
 * Matches lines whose characters are all one column wide. V8's regular expression is fast from the
 * first frame.
 */
const plain = /^[ -~]*$/;

/**
 * Returns the width of a line without its colours, in one pass; undefined if a character needs a
 * Unicode table. A test compares the widths with string-width.
 */
export function lineWidth(line: string): number | undefined {
  if (plain.test(line)) return line.length;
  let width = 0;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code >= 0x20 && code <= 0x7e) width++;
    else if (code === 0x1b) {
      at = endOfColours(line, at);
      if (at < 0) return undefined;
    } else if (isNarrow(code)) width++;
    else if (isWide(code)) width += 2;
    else return undefined;
  }
  return width;
}

/** Returns the index of the `m` that ends `ESC [ digits m`; -1 for any other sequence. */
function endOfColours(line: string, start: number): number {
  if (line.charCodeAt(start + 1) !== 0x5b) return -1;
  for (let at = start + 2; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === 0x6d) return at;
    if (!((code >= 0x30 && code <= 0x39) || code === 0x3b)) return -1;
  }
  return -1;
}

/**
 * Whether the character is Latin, punctuation, an arrow, line, block or shape that is one column
 * wide and does not combine.
 */
function isNarrow(code: number): boolean {
  return (
    (code >= 0xa1 && code <= 0x2ff && code !== 0xad && code !== 0xa9 && code !== 0xae) ||
    (code >= 0x2010 && code <= 0x2027 && code !== 0x203c) ||
    (code >= 0x2030 && code <= 0x205e && code !== 0x203c && code !== 0x2049) ||
    (code >= 0x2190 && code <= 0x2319) ||
    (code >= 0x2500 && code <= 0x25fc) ||
    (code >= 0x2800 && code <= 0x28ff) // Braille, which charts are drawn with
  );
}

/** Whether the character is a Kana, Han or Hangul syllable, which is two columns wide. */
function isWide(code: number): boolean {
  return (
    (code >= 0x3041 && code <= 0x3096) ||
    (code >= 0x30a1 && code <= 0x30fa) ||
    (code >= 0x4e00 && code <= 0x9fff) ||
    (code >= 0xac00 && code <= 0xd7a3)
  );
}
