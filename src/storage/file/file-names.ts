/**
 * Returns a file name for a uid that is unique even on case-insensitive file systems: characters other than
 * lower-case letters, digits, `-` and `_` become `%xx` for each of their UTF-8 bytes. Returns undefined for a uid
 * that is empty, too long or not valid Unicode.
 */
export function fileNameOf(uid: string): string | undefined {
  if (!uid.isWellFormed()) return undefined;
  let name = '';
  for (const byte of Buffer.from(uid)) {
    const char = String.fromCharCode(byte);
    name += /[a-z0-9_-]/.test(char) ? char : `%${byte.toString(16).padStart(2, '0')}`;
  }
  return name === '' || name.length + suffix.length > maxNameBytes ? undefined : name + suffix;
}

/** Returns the uid of a record file; undefined for other files. */
export function uidOfFile(fileName: string): string | undefined {
  if (!fileName.endsWith(suffix)) return undefined;
  const name = fileName.slice(0, -suffix.length);
  if (!/^(?:[a-z0-9_-]|%[0-9a-f]{2})+$/.test(name)) return undefined;
  const bytes = Buffer.from(
    name.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  const uid = bytes.toString();
  return fileNameOf(uid) === fileName ? uid : undefined;
}

const suffix = '.session';
const maxNameBytes = 255;
