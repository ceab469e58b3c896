/** Minimum time between progress updates in milliseconds; more frequent ones are unreadable. */
const everyMs = 200;

/** Returns a function that forwards at most one text per 200 ms. */
export function throttleText(now: () => number, tell: (text: string) => void): (text: () => string) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (text) => {
    if (now() - last < everyMs) return;
    last = now();
    tell(text());
  };
}
