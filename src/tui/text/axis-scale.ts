import {formatCount} from '../../output/text/humanize.js';

/** Range of an axis, from `base` to `top`. */
interface Scale {
  readonly base: number;
  readonly top: number;
}

const steps = [1, 2, 2.5, 5, 10] as const;

/** Returns the smallest value of at least `value` that is 1, 2, 2.5 or 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = steps.find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return step * power;
}

/**
 * Returns the rounded maximum of an axis that starts at 0; 1 if all values are 0, undefined if
 * there are none.
 */
export function axisMaximum(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const most = values.reduce((one, other) => Math.max(one, other), 0);
  return most <= 0 ? 1 : roundUp(most);
}

/** An axis does not start at 0 if all values exceed this fraction of their maximum. */
const highPart = 0.75;

/** Returns rounded limits that enclose the values; undefined if there are no values. */
export function axisLimits(values: readonly number[]): Scale | undefined {
  const top = axisMaximum(values);
  if (top === undefined) return undefined;
  const most = values.reduce((one, other) => Math.max(one, other), 0);
  const least = values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  if (most <= 0 || least < most * highPart) return {base: 0, top};
  const smallest = values.every(Number.isInteger) ? 1 : 0;
  const step = roundUp(Math.max((most - least) / 2, most / 25, smallest)); // the axis spans more than the values, so that noise stays small
  const base = Math.max(0, Math.floor(least / step) * step);
  return {base, top: Math.max(base + step, Math.ceil(most / step) * step)};
}

/** Formats an axis number in few characters: `0.5`, `1 200`, `45k`, `1.2M`. */
export function axisNumberText(value: number): string {
  if (value >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (value >= 10_000) return `${trimmed(value / 1000)}k`;
  return value < 10 ? trimmed(value) : formatCount(Math.round(value));
}

/** Formats a number with at most two decimals and no trailing zeros. */
const trimmed = (value: number): string => String(Number(value.toFixed(value < 100 ? 2 : 0)));
