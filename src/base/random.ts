import {closeSync, fstatSync, openSync, readSync} from 'node:fs';
import {getBuiltinModule} from 'node:process';

/** Returns random bytes as hexadecimal, for names that must not be guessable. */
export function randomHex(bytes: number): string {
  return fillRandom(Buffer.allocUnsafeSlow(bytes)).toString('hex');
}

/**
 * Fills `bytes` with cryptographically strong random bytes. Reads /dev/urandom if it exists, because loading `node:crypto`
 * takes 3 ms.
 */
export function fillRandom<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
  if (!fillFromDevice(bytes, '/dev/urandom')) getBuiltinModule('node:crypto').randomFillSync(bytes);
  return bytes;
}

/** Fills `bytes` from a character device. Returns false for any other file, and if the file ends early. */
export function fillFromDevice(bytes: Uint8Array, file: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(file, 'r');
    if (!fstatSync(fd).isCharacterDevice()) return false;
    let filled = 0;
    for (let read = -1; filled < bytes.length && read !== 0; filled += read)
      read = readSync(fd, bytes, filled, bytes.length - filled, null);
    return filled === bytes.length;
  } catch {
    return false; // no such file, as on Windows
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
