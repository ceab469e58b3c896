import {writeSync} from 'node:fs';
import {exitCodeFor, InterruptedError} from '../errors.js';
import {errorText} from './error-text.js';

/** The process as the program may trust it: signals end it in order, errors that nobody caught end it at once. */
export interface ProcessGuard {
  /** Aborted with an InterruptedError by the first SIGINT or SIGTERM; a second one kills. */
  readonly stop: AbortController;
  /** Has `restore` called before the process ends by an error or an exit, until the function that it gives is called. */
  readonly atExit: (restore: () => void) => () => void;
  /** Lets Ctrl-C pass, which is meant for another program that has the terminal, until the function that it gives is called. */
  readonly holdInterrupts: () => () => void;
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
  const held = {interrupts: false};
  listenToSignals(owner, stop, held);
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
      held.interrupts = true;
      return () => {
        held.interrupts = false;
      };
    },
  };
}

/** The first signal lets the command end in order; after it the default is back, so that a second one kills. */
function listenToSignals(
  owner: NodeJS.Process,
  stop: () => AbortController,
  held: {readonly interrupts: boolean},
): void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const listeners = signals.map((signal) => {
    const listener = (): void => {
      if (held.interrupts && signal === 'SIGINT') return;
      for (const [other, known] of listeners) owner.removeListener(other, known);
      stop().abort(new InterruptedError(signal));
    };
    owner.on(signal, listener);
    return [signal, listener] as const;
  });
}
