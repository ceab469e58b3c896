/** More often nobody can read how far something is. */
const everyMs = 200;

/** Tells how far something is, not each time it goes on. */
export function throttle(now: () => number, tell: (text: string) => void): (text: () => string) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (text) => {
    if (now() - last < everyMs) return;
    last = now();
    tell(text());
  };
}
