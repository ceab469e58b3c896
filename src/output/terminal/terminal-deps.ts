import type {ReadStream, WriteStream} from 'node:tty';
import {isTerminalFd, redirectToNull} from './terminal-fd.js';

/** Dependencies of a full-screen command: terminal streams, signals and process hooks. */
export interface TerminalDeps {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
  /** Calls `listener` for a signal instead of ending the process. Returns a function that removes the listener. */
  readonly onSignal: (signal: NodeJS.Signals, listener: () => void) => () => void;
  /** Suspends the process group as Ctrl-Z does. Returns when the process is resumed. */
  readonly stop: () => void;
  /** Redirects the descriptors of a closed terminal to /dev/null, so that the process can exit normally. */
  readonly detach: () => void;
  /** Calls `restore` before the process exits, even after an error. Returns a function that cancels this. */
  readonly atExit: (restore: () => void) => () => void;
}

/** Returns the terminal dependencies of a process. */
export function terminalDeps(owner: NodeJS.Process, atExit: TerminalDeps['atExit']): TerminalDeps {
  const terminals = [0, 1, 2].filter(isTerminalFd); // checked now, because a closed terminal looks like a file
  return {
    stdin: owner.stdin,
    stdout: owner.stdout,
    stderr: owner.stderr,
    onSignal: (signal, listener) => {
      owner.on(signal, listener);
      return () => void owner.removeListener(signal, listener);
    },
    detach: () => {
      for (const stream of [owner.stdin, owner.stdout, owner.stderr]) stream.on('error', () => {});
      for (const fd of terminals) redirectToNull(fd);
    },
    stop: () => void owner.kill(0, 'SIGTSTP'),
    atExit,
  };
}
