import {safeText} from './safe-text.js';

/** Matches words without characters that are special to a shell. */
const plain = /^[\w@%+=:,./-]+$/;

/**
 * Quotes remote text as one word for pasting into a shell. Text with invisible characters becomes `$'…'` (bash, zsh, ksh) with
 * hexadecimal bytes. There, backslashes become bytes, too, because `safeText` would double them.
 */
export function shellWord(text: string): string {
  if (plain.test(text)) return text;
  if (safeText(text) === text) return `'${text.replaceAll("'", "'\\''")}'`;
  const bytes = Array.from(Buffer.from(text), (byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  );
  return `$'${bytes.join('')}'`;
}

export const shellLine = (words: readonly string[]): string => words.map(shellWord).join(' ');
