import {GatectlError} from './errors.js';

/** Returns the message of an Error, or any other thrown value as a string. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Returns the code of a Node or library error, such as `ENOENT`; undefined if the value has none. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** Returns the code of an error, or else its message: the reason in `cannot read "x": ENOENT`. */
export function errorCodeOrText(error: unknown): string {
  return errorCode(error) ?? errorMessage(error);
}

/** Returns the message of a thrown value, followed by its hint in parentheses if it has one. For log lines. */
export function messageAndHint(error: unknown): string {
  const hint = error instanceof GatectlError ? error.hint : undefined;
  return hint === undefined ? errorMessage(error) : `${errorMessage(error)} (${hint})`;
}

const networkFaults: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'host name lookup failed',
  ETIMEDOUT: 'connection timed out',
};

/** Describes a network error in words, such as `connection refused`; undefined for other errors. */
export const networkErrorText = (error: unknown): string | undefined => networkFaults[errorCode(error) ?? ''];
