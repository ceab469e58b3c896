import {closeSync, fstatSync, openSync} from 'node:fs';
import {getBuiltinModule} from 'node:process';

/** Major device number of /dev/null and similar devices on Linux; no terminal has it. */
const memoryDevices = 1;

/** Reports whether a descriptor is a terminal. Loads `node:tty`, which takes 4 ms, only if it might be. */
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
 * Replaces the descriptor of a closed terminal by /dev/null. Node aborts on exit if it can't restore a terminal that it was
 * started on, but not if the descriptor refers to another file by then.
 */
export function redirectToNull(fd: number): void {
  closeSync(fd);
  openSync('/dev/null', 'r+'); // takes the lowest number that is free
}
