import {closeSync, fstatSync, openSync} from 'node:fs';
import {getBuiltinModule} from 'node:process';

/** Major device number of /dev/null and similar devices on Linux, which no terminal has. */
const memoryDevices = 1;

/** Whether a descriptor is a terminal. Loads `node:tty`, which takes 4 ms, only if it may be one. */
export function isTerminalFd(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    if (!stat.isCharacterDevice() || stat.rdev >> 8 === memoryDevices) return false;
  } catch {
    return false; // closed
  }
  return getBuiltinModule('node:tty').isatty(fd);
}

/** Opens the controlling terminal of the process for reading; undefined if it has none. */
export function openControllingTerminal(): number | undefined {
  try {
    return openSync('/dev/tty', 'r');
  } catch {
    return undefined;
  }
}

/**
 * Replaces the descriptor of a closed terminal with /dev/null. Node aborts on exit if it can't restore the terminal it was
 * started on, but not if the descriptor refers to another file by then.
 */
export function redirectToNull(fd: number): void {
  closeSync(fd);
  openSync('/dev/null', 'r+'); // gets the lowest free number, that of the closed descriptor
}
