import {ExitCode, GatectlError} from '../base/errors.js';

/** Whoever read our stdout has gone (`| head`): a reason to stop that nobody needs to hear of. */
export class ClosedPipeError extends GatectlError {
  readonly exitCode = ExitCode.done;

  constructor() {
    super('nobody reads the output any more');
  }
}
