import {groupedDigits} from '../../output/text/humanize.js';

/** Range of an axis, from `base` to `top`. */
interface Scale {
  readonly base: number;
  readonly top: number;
}

const steps = [1, 2, 2.5, 5, 10] as const;

/** The smallest of 1, 2, 2.5, 5 times a power of ten that is at least `value`. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = steps.find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** The round limit above the values of an axis that starts at 0; 1 when all are 0, undefined without any. */
export function scaleTop(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const most = values.reduce((one, other) => Math.max(one, other), 0);
  return most <= 0 ? 1 : roundUp(most);
}

/** Values that all stay above this part of their maximum get an axis that doesn't start at 0. */
const highPart = 0.75;

/** Chooses round limits that enclose the values; undefined if there are no values. */
export function scaleOf(values: readonly number[]): Scale | undefined {
  const top = scaleTop(values);
  if (top === undefined) return undefined;
  const most = values.reduce((one, other) => Math.max(one, other), 0);
  const least = values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  if (most <= 0 || least < most * highPart) return {base: 0, top};
  const smallest = values.every(Number.isInteger) ? 1 : 0;
  const step = roundUp(Math.max((most - least) / 2, most / 25, smallest)); // covers a part of the values, so that noise stays small
  const base = Math.max(0, Math.floor(least / step) * step);
  return {base, top: Math.max(base + step, Math.ceil(most / step) * step)};
}

/** Formats a number of an axis in few characters: `0.5`, `1 200`, `45k`, `1.2M`. */
export function axisNumber(value: number): string {
  if (value >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (value >= 10_000) return `${trimmed(value / 1000)}k`;
  return value < 10 ? trimmed(value) : groupedDigits(Math.round(value));
}

/** At most two decimals, without trailing zeros. */
const trimmed = (value: number): string => String(Number(value.toFixed(value < 100 ? 2 : 0)));
