import {fstatSync} from 'node:fs';
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
