import type {Format} from '../output/formats/presenter.js';
import {ago} from '../output/text/humanize.js';
import {isKnownTime} from './fast/known-time.js';
import {ageBytes, type TimeBytes, timestampBytes} from './fast/session-bytes.js';

/** Formats a time as ISO 8601 in UTC; null if it is unknown or out of range, because gates may send any number. */
export function isoTime(unixMs: number): string | null {
  return isKnownTime(unixMs) ? new Date(unixMs).toISOString() : null;
}

/**
 * Formats a time for a table cell. `observedAt` is the gate's own clock when it replied, so that ages are correct even if
 * clocks differ.
 */
export type TimeCell = (unixMs: number, observedAt?: number) => string;

/** Returns a formatter: ages in tables, timestamps in TSV and CSV. */
export function timeCell(format: Format, nowMs: number): TimeCell {
  if (format === 'tsv' || format === 'csv') return (unixMs) => isoTime(unixMs) ?? '-';
  return (unixMs, observedAt = nowMs) => (isKnownTime(unixMs) ? ago(unixMs, observedAt) : '-');
}

/** Returns the equivalent of `timeCell` for encoded rows. */
export function timeBytes(format: Format, nowMs: number): TimeBytes {
  return format === 'tsv' || format === 'csv' ? timestampBytes : ageBytes(nowMs);
}

/** Returns a formatter for event times: local time of day in tables, ISO 8601 in other formats. */
export function timeFormatter(format: Format): (unixMs: number) => string {
  return format === 'table' || format === 'wide' ? timeOfDay : (unixMs) => isoTime(unixMs) ?? '-';
}

/** Formats the local time of day, such as `14:48:03.120`. */
export function timeOfDay(unixMs: number): string {
  const at = new Date(unixMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}
