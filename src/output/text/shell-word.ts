import {safeText} from './safe-text.js';

/** Letters that mean nothing to a shell. */
const plain = /^[\w@%+=:,./-]+$/;

/**
 * One word of a command line as it can be pasted into a shell, whatever remote text it is: quoted where it has to be, and
 * as `$'…'` (bash, zsh, ksh) with its bytes where it cannot be shown as it is. It stays as it is in `safeText`, which doubles
 * backslashes: so those are written by their number.
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
