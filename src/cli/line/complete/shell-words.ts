/** Splits a command line into words as a shell does, without expansion. The last word may be incomplete. */
export function splitShellWords(line: string): readonly string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line[at] ?? '';
    if (quote !== '') {
      if (character === quote) quote = '';
      else if (character === '\\' && quote === '"') word += line[++at] ?? '';
      else word += character;
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '\\') word += line[++at] ?? '';
    else if (/\s/.test(character)) {
      if (word !== '' || /["']/.test(line[at - 1] ?? '')) words.push(word);
      word = '';
    } else word += character;
  }
  return [...words, word];
}

/**
 * Returns how many characters of a word precede `current`, the part that bash replaces. bash also breaks words at characters
 * such as `=` and `@`, and replaces only the part after the last break, plus the break itself if it is `@`.
 */
export function lengthBeforeWordBreak(word: string, current: string): number {
  if (/^[=:@]+$/.test(current)) return word.endsWith('@') ? word.length - 1 : word.length;
  if (!word.endsWith(current)) return 0;
  const before = word.length - current.length;
  return word[before - 1] === '@' ? before - 1 : before;
}
