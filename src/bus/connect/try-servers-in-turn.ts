import {UsageError} from '../../base/errors.js';
import type {ServerUrl} from './server-url.js';

/**
 * Tries servers in turn, each for a share of the time, and resolves with the first success. If all fail, prefers to
 * reject with refused credentials, because the user can act on those.
 */
export async function tryServersInTurn<T>(
  urls: readonly ServerUrl[],
  timeoutMs: number,
  attempt: (url: ServerUrl, timeoutMs: number) => Promise<T>,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let failure: unknown;
  for (const [at, url] of urls.entries()) {
    const share = Math.max(1, (end - Date.now()) / (urls.length - at));
    try {
      return await attempt(url, share);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      if (!isRefusal(failure)) failure = error;
    }
  }
  throw failure;
}

const refusals: readonly unknown[] = [
  'AUTHORIZATION_VIOLATION',
  'AUTHENTICATION_EXPIRED',
  'ACCOUNT_EXPIRED',
  'BAD_AUTHENTICATION',
];

/** Returns true if an error of the `nats` package means refused credentials. */
function isRefusal(error: unknown): boolean {
  return isCredentialsRefusedCode((error as {readonly code?: unknown} | undefined)?.code);
}

/** Returns true if an error code of the `nats` package means refused credentials. */
export const isCredentialsRefusedCode = (code: unknown): boolean => refusals.includes(code);
