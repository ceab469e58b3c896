import {GatectlError} from '../../base/errors.js';

/** What is wrong with an input, in the words of its parser; undefined when it is right. */
export function inputError(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof GatectlError) return error.message;
    throw error;
  }
}

/** An error in lines for people: what happened, and what to do next. */
export function errorLines(error: unknown): readonly string[] {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof GatectlError ? error.hint : undefined;
  return hint === undefined ? [message] : [message, `hint: ${hint}`];
}
