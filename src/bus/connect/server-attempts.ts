import {UsageError} from '../../base/errors.js';
import type {ServerUrl} from './server-url.js';

/**
 * Tries one server after the other, each with its share of the time, and resolves with the first success. When all fail
 * it rejects with a refused sign-in, if there was one, because that is what the user can do something about.
 */
export async function firstOf<T>(
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

/** Whether an error means that the server did not accept our credentials, in the codes of the `nats` package. */
function isRefusal(error: unknown): boolean {
  return isRefusalCode((error as {readonly code?: unknown} | undefined)?.code);
}

/** The same for the code alone. */
export const isRefusalCode = (code: unknown): boolean => refusals.includes(code);
