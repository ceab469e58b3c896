/** The words of a command line as a shell would read it, the last one as far as it was typed. Nothing is expanded. */
export function shellWords(line: string): readonly string[] {
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
 * bash breaks words at characters like `=` and `@` too, and replaces only what is behind the last: how much of a whole
 * word stands before `current`, the word as bash sees it. An `@` before it is replaced too.
 */
export function prefixBeforeBreak(word: string, current: string): number {
  if (/^[=:@]+$/.test(current)) return word.endsWith('@') ? word.length - 1 : word.length;
  if (!word.endsWith(current)) return 0;
  const before = word.length - current.length;
  return word[before - 1] === '@' ? before - 1 : before;
}
