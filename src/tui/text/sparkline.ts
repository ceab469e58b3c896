const blocks = '▁▂▃▄▅▆▇█';
const letters = '_.:-=+*#';

/** The last values as small bars, each as high as its part of the largest; blanks where nothing is known. */
export function sparkline(values: readonly number[], columns: number, ascii: boolean): string {
  const bars = ascii ? letters : blocks;
  const shown = values.slice(-columns);
  const most = Math.max(...shown, 0);
  const text = shown.map((value) => bars[level(value, most, bars.length)] ?? ' ').join('');
  return text.padStart(columns);
}

function level(value: number, most: number, levels: number): number {
  if (!(value > 0) || most <= 0) return 0;
  return Math.min(levels - 1, Math.max(1, Math.round((value / most) * (levels - 1))));
}
