import {closeSync, fstatSync, openSync, readSync} from 'node:fs';
import {getBuiltinModule} from 'node:process';

/** `bytes` random bytes in hexadecimal, for names that nobody may guess. */
export function randomHex(bytes: number): string {
  return fillRandom(Buffer.allocUnsafeSlow(bytes)).toString('hex');
}

/**
 * Fills `bytes` with what nobody can guess. From the system's own source where that is a file, since loading
 * `node:crypto` costs a short command 3 ms.
 */
export function fillRandom<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
  if (!fillFromDevice(bytes, '/dev/urandom')) getBuiltinModule('node:crypto').randomFillSync(bytes);
  return bytes;
}

/** Whether the file is a device that filled all of `bytes`. */
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
    return false; // as on Windows
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
