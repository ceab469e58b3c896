import {onAbort} from '../base/abort-signals.js';
import type {GatectlError} from '../base/errors.js';
import type {CliDeps} from './cli-deps.js';

/** Abort signal of one command. Follows the program's signal; `end` can abort it earlier. */
export class CommandSignal {
  private controller: AbortController | undefined;

  constructor(private readonly deps: Pick<CliDeps, 'signal'>) {}

  /** The signal, created on first use, because short commands need none. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      const controller = new AbortController();
      this.controller = controller;
      const {signal} = this.deps;
      onAbort(signal, () => controller.abort(signal.reason));
    }
    return this.controller.signal;
  }

  /** Aborts the signal with the error as its reason. */
  end(error: GatectlError): void {
    void this.signal;
    this.controller?.abort(error);
  }
}
