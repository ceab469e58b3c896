import {ExitCode, GatectlError} from '../base/errors.js';

/** Abort reason when the reader of stdout has exited, as with `| head`. The program stops quietly with exit code 0. */
export class ClosedPipeError extends GatectlError {
  readonly exitCode = ExitCode.done;

  constructor() {
    super('the reader of stdout has exited');
  }
}
