import {writeSync} from 'node:fs';
import {exitCodeFor} from '../../base/errors.js';
import {errorText} from '../text/error-text.js';
import {listenToSignals, type SignalHandling} from './process-signals.js';

/** Process-wide handlers: a signal ends the program in an orderly way, an uncaught error ends it at once. */
export interface ProcessGuard {
  /** Aborted with an InterruptedError on the first signal. A second signal other than SIGHUP kills the process. */
  readonly stop: AbortController;
  /** Calls `restore` before the process exits, even after an error. Returns a function that cancels this. */
  readonly atExit: (restore: () => void) => () => void;
  /** Ignores Ctrl-C and Ctrl-\\ while another program uses the terminal. Returns a function that restores the default. */
  readonly holdInterrupts: () => () => void;
  /** Calls `receive` for each signal instead of ending the program. Returns a function that restores the default. */
  readonly passSignals: (receive: (signal: NodeJS.Signals) => void) => () => void;
  /**
   * Makes SIGHUP call `reload` instead of ending the program. Returns a function that restores the default. If the terminal on
   * which the program was started is closed, SIGHUP still ends it.
   */
  readonly onReload: (reload: () => void) => () => void;
}

export function guardProcess(owner: NodeJS.Process): ProcessGuard {
  let controller: AbortController | undefined;
  const stop = (): AbortController => {
    controller ??= new AbortController(); // created on first use, because short commands need none
    return controller;
  };
  const restores = new Set<() => void>();
  const restoreAll = (): void => {
    for (const restore of restores) restore();
  };
  const state: SignalHandling = {held: false, receive: undefined, reload: undefined};
  listenToSignals(owner, stop, state);
  /** Reports a bug and exits, because the program's state can no longer be trusted. */
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
