/** A word as a POSIX shell reads it back; what no terminal should be given raw is written by its number. */
export function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (/^[ -~]*$/.test(word) || !/[\p{C}\p{Zl}\p{Zp}]/u.test(word))
    return `'${word.replaceAll("'", `'\\''`)}'`;
  const escaped = word.replaceAll(/['\\]|[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    character === "'" || character === '\\' ? `\\${character}` : bytesOf(character),
  );
  return `$'${escaped}'`;
}

const bytesOf = (character: string): string =>
  [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');

/** A command line of these words. */
export const commandLine = (words: readonly string[]): string => words.map(quoted).join(' ');
