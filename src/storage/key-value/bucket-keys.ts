import {UsageError} from '../../base/errors.js';

/** Limit for a key: NATS protocol lines have at most 4 KiB, which includes a reply subject and sizes. */
const maxKeyBytes = 3000;

/**
 * Returns a unique key for a uid. JetStream allows `[-/_=.a-zA-Z0-9]` and interprets dots and slashes, so characters
 * other than letters, digits, `-` and `_` become `=XX` for each of their UTF-8 bytes. Throws UsageError.
 */
export function keyOfUid(uid: string): string {
  if (uid === '' || !uid.isWellFormed()) throw new UsageError('a record needs a uid that is valid UTF-8');
  let key = '';
  for (const byte of Buffer.from(uid)) {
    const char = String.fromCharCode(byte);
    key += /[A-Za-z0-9_-]/.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  if (key.length <= maxKeyBytes) return key;
  throw new UsageError(`the uid "${uid.slice(0, 40)}…" is too long for a bucket key`);
}

/** Returns the uid of a record's key; undefined for other keys. */
export function uidOfKey(key: string): string | undefined {
  if (/^[A-Za-z0-9_-]+$/.test(key) && key.length <= maxKeyBytes) return key;
  if (!/^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/.test(key)) return undefined;
  const bytes = Buffer.from(
    key.replace(/=(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  const uid = bytes.toString();
  return uid.isWellFormed() && keyOfUid(uid) === key ? uid : undefined;
}
