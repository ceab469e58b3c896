import {UsageError} from '../../base/errors.js';

/** A protocol line of NATS holds 4 KiB, with a reply subject and sizes beside the key. */
const maxKeyBytes = 3000;

/**
 * A key for a uid, different for different uids. JetStream takes `[-/_=.a-zA-Z0-9]`, and gives dots and slashes a meaning:
 * what is no letter, digit, `-` or `_` stands as `=XX` of its UTF-8 bytes.
 */
export function keyOfUid(uid: string): string {
  if (uid === '' || !uid.isWellFormed()) throw new UsageError('a record needs a uid that is valid UTF-8');
  let key = '';
  for (const byte of Buffer.from(uid)) {
    const char = String.fromCharCode(byte);
    key += /[A-Za-z0-9_-]/.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  if (key.length <= maxKeyBytes) return key;
  throw new UsageError(`the uid "${uid.slice(0, 40)}…" is too long for a key of a bucket`);
}

/** Undefined for a key that is not ours. */
export function uidOfKey(key: string): string | undefined {
  if (!/^(?:[A-Za-z0-9_-]|=[0-9A-F]{2})+$/.test(key)) return undefined;
  const bytes = Buffer.from(
    key.replace(/=(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  const uid = bytes.toString();
  return uid.isWellFormed() && keyOfUid(uid) === key ? uid : undefined;
}
