import type {TextSink} from './io.js';

interface ProgressOptions {
  readonly what: string;
  readonly total: number;
  readonly now: () => number;
}

const barWidth = 24;
/** Minimum time between two updates, in milliseconds. */
const everyMs = 100;
const clear = '\r\u001b[K';

/** Draws an ASCII progress bar on one terminal line: `kick [####----] 120 of 1000, 98/s`. */
export function progressBar(sink: TextSink, {what, total, now}: ProgressOptions) {
  const started = now();
  let count = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    async step(by = 1): Promise<void> {
      count += by;
      if (now() - drawnAt < everyMs) return;
      drawnAt = now();
      await sink.write(`${clear}${progressLine(what, count, total, drawnAt - started, sink.columns)}`);
    },
    /** Clears the line. */
    async end(): Promise<void> {
      if (count > 0) await sink.write(clear);
    },
  };
}

export function progressLine(
  what: string,
  count: number,
  total: number,
  elapsedMs: number,
  columns: number,
): string {
  const full = Math.round((barWidth * Math.min(count, total)) / Math.max(1, total));
  const bar = `${'#'.repeat(full)}${'-'.repeat(barWidth - full)}`;
  const rate = elapsedMs > 0 ? `, ${Math.round((count * 1000) / elapsedMs)}/s` : '';
  return `${what} [${bar}] ${count} of ${total}${rate}`.slice(0, columns - 1);
}
