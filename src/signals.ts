/**
 * Aborts after so many milliseconds; does not keep the process alive. Used instead of AbortSignal.timeout: on Node 20 a
 * signal made by AbortSignal.any does not hold that one, and never fires once the collector has taken it.
 */
export function timeoutSignal(ms: number): AbortSignal {
  const controller = new AbortController();
  const expire = (): void => controller.abort(new DOMException(`no end after ${ms} ms`, 'TimeoutError'));
  setTimeout(expire, ms).unref();
  return controller.signal;
}
