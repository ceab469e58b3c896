import {closeSync, fstatSync, openSync} from 'node:fs';
import {getBuiltinModule} from 'node:process';

/** The number of /dev/null and its like on Linux; a terminal never has it. */
const memoryDevices = 1;

/** Whether a descriptor is a terminal. Opens `node:tty` only when it could be one, since that costs a start 4 ms. */
export function isTerminalFd(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    if (!stat.isCharacterDevice() || stat.rdev >> 8 === memoryDevices) return false;
  } catch {
    return false; // closed
  }
  return getBuiltinModule('node:tty').isatty(fd);
}

/**
 * Puts /dev/null in the place of a terminal that is gone. Node aborts at its exit when a terminal that it was started on
 * cannot be restored any more, but not when the descriptor is another file by then.
 */
export function redirectToNull(fd: number): void {
  closeSync(fd);
  openSync('/dev/null', 'r+'); // takes the lowest number that is free
}
