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

/**
 * Calls back after so many milliseconds, once what has come by then is read: a process that was held up for as long finds
 * answers in its sockets, and its timers come before them. What it returns calls it off.
 */
export function afterTimeout(ms: number, expire: () => void): () => void {
  let turn: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    turn = setImmediate(expire);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
}

/** Waits until the work is done, at most so many milliseconds; says whether it is. Rejects with what the work rejects with. */
export async function settlesWithinMs(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
