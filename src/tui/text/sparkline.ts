const blocks = '▁▂▃▄▅▆▇█';
const letters = '_.:-=+*#';

/** Values that vary by less than this part of their maximum are drawn with low bars. */
const livelyPart = 0.25;

/**
 * Draws the last values as bars between their minimum and maximum, padded with blanks. Constant values are a flat line at
 * the bottom; their size is shown as a number beside the sparkline.
 */
export function sparkline(values: readonly number[], columns: number, ascii: boolean): string {
  const bars = ascii ? letters : blocks;
  const shown = values.slice(-columns);
  const most = Math.max(...shown);
  const least = Math.min(...shown);
  const span = Math.max(most - least, most * livelyPart);
  const text = shown.map((value) => bars[level(value - least, span, bars.length)] ?? ' ').join('');
  return text.padStart(columns);
}

function level(above: number, span: number, levels: number): number {
  if (!(above > 0) || span <= 0) return 0;
  return Math.min(levels - 1, Math.max(1, Math.round((above / span) * (levels - 1))));
}
