import type {ReadStream, WriteStream} from 'node:tty';
import {isTerminalFd, redirectToNull} from './terminal-fd.js';

/** The terminal that the program was started on and what a screen on it needs of the process; handed in by main. */
export interface TerminalDeps {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
  /** Hears of a signal instead of being ended by it, until the function that it gives is called. */
  readonly onSignal: (signal: NodeJS.Signals, listener: () => void) => () => void;
  /** Stops the process and its group as Ctrl-Z does; returns when it goes on. */
  readonly stop: () => void;
  /** The terminal went away: what is still written to it goes nowhere, and the process can end in order. */
  readonly detach: () => void;
  /** Has `restore` called before the process ends by an error or an exit, until the function that it gives is called. */
  readonly atExit: (restore: () => void) => () => void;
}

/** The process's terminal. */
export function terminalDeps(owner: NodeJS.Process, atExit: TerminalDeps['atExit']): TerminalDeps {
  const terminals = [0, 1, 2].filter(isTerminalFd); // one that is gone is no longer told from a file
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
