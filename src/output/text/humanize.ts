const steps = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** Formats milliseconds in the two largest units: `2d3h`, `5m`, `0s`. Negative values, from clock skew, become `0s`. */
export function formatDuration(ms: number): string {
  let rest = Math.max(0, Math.floor(ms));
  let text = '';
  let units = 0;
  for (const [unit, size] of steps) {
    const count = Math.floor(rest / size);
    if (count === 0 && units === 0 && unit !== 's') continue;
    if (count > 0 || text === '') text += `${count}${unit}`;
    rest -= count * size;
    units += 1;
    if (units === 2) break;
  }
  return text;
}

/** Formats how long something took: `0.3s`, `9.8s`; from ten seconds on, like `formatDuration`. */
export function formatElapsed(ms: number): string {
  return ms < 9_950 ? `${(Math.max(0, ms) / 1000).toFixed(1)}s` : formatDuration(ms);
}

/** Formats the time since `then` (Unix milliseconds); `-` if `then` is 0, which means unknown. */
export function formatTimeSince(then: number, now: number): string {
  return then === 0 ? '-' : formatDuration(now - then);
}

/** Formats a count with a space between groups of three digits: `12 034`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** Formats a count and its noun: `1 gate`, `1 204 gates`. */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Formats a number of bytes: `512 B`, `12 KiB`, `1.5 MiB`, `2.0 GiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${Math.ceil(bytes)} B`;
  if (bytes < 2 ** 20) return `${Math.ceil(bytes / 1024)} KiB`;
  return bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
