const blocks = '▁▂▃▄▅▆▇█';
const letters = '_.:-=+*#';

/** A course that changes by less than this part of its largest value is drawn the lower, the calmer it is. */
const livelyPart = 0.25;

/**
 * The last values as small bars between the smallest and the largest of them; blanks where nothing is known. What stays
 * as it is lies flat at the bottom, however large it is: how large stands beside it as a number.
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
