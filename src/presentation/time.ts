import type {Format} from '../output/formats/presenter.js';
import {ago} from '../output/text/humanize.js';
import {ageBytes, type TimeBytes, timestampBytes} from './fast/session-bytes.js';

const maxDateMs = 8.64e15;

/** Whether a number of milliseconds is a moment that is known, and one that there is. */
export const isKnownTime = (unixMs: number): boolean => unixMs > 0 && unixMs <= maxDateMs;

/** A moment for programs: ISO 8601 in UTC; null where it is not known, or is no time at all (gates say what they like). */
export function isoTime(unixMs: number): string | null {
  return isKnownTime(unixMs) ? new Date(unixMs).toISOString() : null;
}

/**
 * How a moment is written in a cell. `observedAt` is when the gate that says it said so by its own clock, which makes
 * ages right whatever the clocks are.
 */
export type TimeCell = (unixMs: number, observedAt?: number) => string;

/** People read how long ago it was; tab-separated lines are for programs, which want the moment itself. */
export function timeCell(format: Format, nowMs: number): TimeCell {
  if (format === 'tsv' || format === 'csv') return (unixMs) => isoTime(unixMs) ?? '-';
  return (unixMs, observedAt = nowMs) => (isKnownTime(unixMs) ? ago(unixMs, observedAt) : '-');
}

/** `timeCell` for rows in bytes. */
export function timeBytes(format: Format, nowMs: number): TimeBytes {
  return format === 'tsv' || format === 'csv' ? timestampBytes : ageBytes(nowMs);
}

/** How the moment of an event is written: people read the time of their own day, programs the whole of it. */
export function timeFormatter(format: Format): (unixMs: number) => string {
  return format === 'table' || format === 'wide' ? timeOfDay : (unixMs) => isoTime(unixMs) ?? '-';
}

/** `14:48:03.120`, of the operator's own day. */
export function timeOfDay(unixMs: number): string {
  const at = new Date(unixMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}
