import type {ChartPoint} from './chart.js';

const blocks = '▁▂▃▄▅▆▇█';
const letters = '_.:-=+*#';

/**
 * A bucket without a point repeats the previous value for this many milliseconds, because the gate
 * may be polled less often.
 */
const heldMs = 10_500;

interface SparklineScale {
  /** Time of the left edge, in Unix milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Value of a full bar. The empty bar is 0. */
  readonly most: number;
}

/** Draws one bar per time bucket: the mean of its values, or blank if there are none. */
export function sparkline(
  points: readonly ChartPoint[],
  columns: number,
  {from, to, most}: SparklineScale,
  ascii: boolean,
): string {
  const bars = ascii ? letters : blocks;
  return means(points, columns, from, to)
    .map((value) => (value === undefined ? ' ' : (bars[level(value, most, bars.length)] ?? ' ')))
    .join('');
}

function means(
  points: readonly ChartPoint[],
  columns: number,
  from: number,
  to: number,
): readonly (number | undefined)[] {
  const bucketMs = (to - from) / columns;
  const sums = new Float64Array(columns);
  const counts = new Float64Array(columns);
  for (const {at, value} of points) {
    if (at < from || at > to) continue;
    const bucket = Math.min(columns - 1, Math.floor((at - from) / bucketMs));
    sums[bucket] = (sums[bucket] ?? 0) + value;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  let held: {readonly value: number; readonly bucket: number} | undefined;
  return Array.from({length: columns}, (_, bucket) => {
    const count = counts[bucket] ?? 0;
    if (count > 0) held = {value: (sums[bucket] ?? 0) / count, bucket};
    return held !== undefined && (bucket - held.bucket) * bucketMs <= heldMs ? held.value : undefined;
  });
}

function level(value: number, most: number, levels: number): number {
  if (!(value > 0) || most <= 0) return 0;
  return Math.min(levels - 1, Math.max(1, Math.round((value / most) * (levels - 1))));
}
