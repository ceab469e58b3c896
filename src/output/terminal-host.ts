import type {ReadStream, WriteStream} from 'node:tty';

/** The terminal that the program was started on and what a screen on it needs of the process; handed in by main. */
export interface TerminalHost {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
  /** Hears of a signal instead of being ended by it, until the function that it gives is called. */
  readonly onSignal: (signal: NodeJS.Signals, listener: () => void) => () => void;
  /** Stops the process and its group as Ctrl-Z does; returns when it goes on. */
  readonly stop: () => void;
  /** Has `restore` called before the process ends by an error or an exit, until the function that it gives is called. */
  readonly atExit: (restore: () => void) => () => void;
}

/** The process's terminal. */
export function terminalHost(owner: NodeJS.Process, atExit: TerminalHost['atExit']): TerminalHost {
  return {
    stdin: owner.stdin,
    stdout: owner.stdout,
    stderr: owner.stderr,
    onSignal: (signal, listener) => {
      owner.on(signal, listener);
      return () => void owner.removeListener(signal, listener);
    },
    stop: () => void owner.kill(0, 'SIGTSTP'),
    atExit,
  };
}
