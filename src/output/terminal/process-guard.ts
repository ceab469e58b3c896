import {writeSync} from 'node:fs';
import {exitCodeFor} from '../../base/errors.js';
import {errorText} from '../text/error-text.js';
import {listenToSignals, type SignalState} from './process-signals.js';

/** Handlers of the process: signals end the program in order, uncaught errors end it at once. */
export interface ProcessGuard {
  /** Aborted with an InterruptedError by the first signal. A second signal kills the process, except SIGHUP. */
  readonly stop: AbortController;
  /** Calls `restore` before the process exits or fails. Returns a function that cancels this. */
  readonly atExit: (restore: () => void) => () => void;
  /** Ignores Ctrl-C and Ctrl-\\ while another program uses the terminal. Returns a function that ends this. */
  readonly holdInterrupts: () => () => void;
  /** Calls `receive` for each signal instead of ending the program. Returns a function that ends this. */
  readonly passSignals: (receive: (signal: NodeJS.Signals) => void) => () => void;
  /**
   * Makes SIGHUP call `reload` instead of ending the program. Returns a function that undoes this. Losing the terminal that
   * the program was started on still ends it.
   */
  readonly onReload: (reload: () => void) => () => void;
}

export function guardProcess(owner: NodeJS.Process): ProcessGuard {
  let controller: AbortController | undefined;
  const stop = (): AbortController => {
    controller ??= new AbortController(); // created on first use: a command that ends in one turn needs none
    return controller;
  };
  const restores = new Set<() => void>();
  const restoreAll = (): void => {
    for (const restore of restores) restore();
  };
  const state: SignalState = {held: false, receive: undefined, reload: undefined};
  listenToSignals(owner, stop, state);
  /** Reports a bug and exits, since the state of the program can't be trusted any more. */
  const endAtOnce = (error: unknown): void => {
    restoreAll();
    try {
      writeSync(
        2,
        errorText(error, {json: false, verbose: false, debug: Boolean(owner.env['GATECTL_DEBUG'])}),
      );
    } finally {
      owner.exit(exitCodeFor(error));
    }
  };
  owner.once('uncaughtException', endAtOnce);
  owner.once('unhandledRejection', endAtOnce);
  return {
    get stop() {
      return stop();
    },
    atExit(restore) {
      if (restores.size === 0) owner.once('exit', restoreAll);
      restores.add(restore);
      return () => void restores.delete(restore);
    },
    holdInterrupts() {
      state.held = true;
      return () => {
        state.held = false;
      };
    },
    passSignals(receive) {
      state.receive = receive;
      return () => {
        state.receive = undefined;
      };
    },
    onReload(reload) {
      state.reload = reload;
      return () => {
        state.reload = undefined;
      };
    },
  };
}
