/**
 * Returns a signal that aborts after `ms` milliseconds. Its timer does not keep the process alive. Replaces
 * AbortSignal.timeout: on Node 20, AbortSignal.any holds no reference to such a signal, so it may be garbage collected and
 * never abort.
 */
export function timeoutSignal(ms: number): AbortSignal {
  const controller = new AbortController();
  const expire = (): void => controller.abort(new DOMException(`timed out after ${ms} ms`, 'TimeoutError'));
  setTimeout(expire, ms).unref();
  return controller.signal;
}

/**
 * Calls `expire` after `ms` milliseconds, but only after pending socket data has been read. Otherwise, in a process blocked for
 * that long, the timer would fire before replies that have already arrived. Returns a function that cancels the call.
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

/** Waits at most `ms` milliseconds for `work`. Returns whether it finished. Rejects if the work rejects. */
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

/**
 * Calls `listener` once when the signal aborts, or immediately if it is already aborted: such a signal never calls listeners
 * added to it. Returns a function that removes the listener.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const call = (): void => listener(); // called without the event
  if (signal.aborted) call();
  else signal.addEventListener('abort', call, {once: true});
  return () => signal.removeEventListener('abort', call);
}
