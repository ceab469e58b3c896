import {errorMessage} from '../../base/error-details.js';
import {GatectlError} from '../../base/errors.js';

/** Returns the parser's error message; undefined if the input is valid. */
export function parseErrorMessage(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof GatectlError) return error.message;
    throw error;
  }
}

/** Returns an error's message and hint as lines. */
export function errorLines(error: unknown): readonly string[] {
  const message = errorMessage(error);
  const hint = error instanceof GatectlError ? error.hint : undefined;
  return hint === undefined ? [message] : [message, `hint: ${hint}`];
}
