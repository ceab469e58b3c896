import {writeSync} from 'node:fs';
import {exitCodeFor} from '../../base/errors.js';
import {errorText} from '../text/error-text.js';
import {listenToSignals, type SignalState} from './process-signals.js';

/** The process as the program may trust it: signals end it in order, errors that nobody caught end it at once. */
export interface ProcessGuard {
  /** Aborted with an InterruptedError by the first signal that ends the program; a second one kills, except SIGHUP. */
  readonly stop: AbortController;
  /** Has `restore` called before the process ends by an error or an exit, until the function that it gives is called. */
  readonly atExit: (restore: () => void) => () => void;
  /** Ignores Ctrl-C and Ctrl-\\ while another program has the terminal, until the function that it gives is called. */
  readonly holdInterrupts: () => () => void;
  /**
   * Has SIGHUP call `reload` instead of ending the program, until the function that it gives is called. Losing the terminal
   * that the program was started on still ends it.
   */
  readonly onReload: (reload: () => void) => () => void;
}

export function guardProcess(owner: NodeJS.Process): ProcessGuard {
  let controller: AbortController | undefined;
  const stop = (): AbortController => {
    controller ??= new AbortController(); // a command that ends in one turn needs none
    return controller;
  };
  const restores = new Set<() => void>();
  const restoreAll = (): void => {
    for (const restore of restores) restore();
  };
  const state: SignalState = {held: false, reload: undefined};
  listenToSignals(owner, stop, state);
  /** A bug: one line, and no more work on a state that cannot be trusted. */
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
    onReload(reload) {
      state.reload = reload;
      return () => {
        state.reload = undefined;
      };
    },
  };
}
