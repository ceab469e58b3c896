import type {ReadStream, WriteStream} from 'node:tty';
import {isTerminalFd, redirectToNull} from './terminal-fd.js';

/** Dependencies of a full-screen command: the streams of its terminal, signals, and hooks of the process. */
export interface TerminalDeps {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
  /** Handles a signal instead of ending the process. Returns a function that removes the listener. */
  readonly onSignal: (signal: NodeJS.Signals, listener: () => void) => () => void;
  /** Suspends the process group as Ctrl-Z does; returns when it resumes. */
  readonly stop: () => void;
  /** Redirects the descriptors of a closed terminal to /dev/null, so that the process can end in order. */
  readonly detach: () => void;
  /** Calls `restore` before the process exits or fails. Returns a function that cancels this. */
  readonly atExit: (restore: () => void) => () => void;
}

/** Returns the terminal of a process. */
export function terminalDeps(owner: NodeJS.Process, atExit: TerminalDeps['atExit']): TerminalDeps {
  const terminals = [0, 1, 2].filter(isTerminalFd); // once closed, a terminal can't be told from a file
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
