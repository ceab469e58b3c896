import type {OutputFormat} from '../output/formats/presenter.js';
import {formatTimeSince} from '../output/text/humanize.js';
import {isKnownTime} from './fast/known-time.js';
import {ageByteWriter, type TimeByteWriter, timestampByteWriter} from './fast/session-byte-writers.js';

/** Formats a time as ISO 8601 in UTC; null if it is unknown or out of range, because gates may send any number. */
export function isoTime(unixMs: number): string | null {
  return isKnownTime(unixMs) ? new Date(unixMs).toISOString() : null;
}

/**
 * Formats a time for a table cell. `observedAt` is the gate's own clock when it replied, so that ages are correct even if
 * clocks differ.
 */
export type TimeCellFormatter = (unixMs: number, observedAt?: number) => string;

/** Returns a formatter: ages in tables, timestamps in TSV and CSV. */
export function timeCellFormatter(format: OutputFormat, nowMs: number): TimeCellFormatter {
  if (format === 'tsv' || format === 'csv') return (unixMs) => isoTime(unixMs) ?? '-';
  return (unixMs, observedAt = nowMs) => (isKnownTime(unixMs) ? formatTimeSince(unixMs, observedAt) : '-');
}

/** Returns the equivalent of `timeCellFormatter` for encoded rows. */
export function timeByteWriter(format: OutputFormat, nowMs: number): TimeByteWriter {
  return format === 'tsv' || format === 'csv' ? timestampByteWriter : ageByteWriter(nowMs);
}

/** Returns a formatter for event times: local time of day in tables, ISO 8601 in other formats. */
export function eventTimeFormatter(format: OutputFormat): (unixMs: number) => string {
  return format === 'table' || format === 'wide' ? formatTimeOfDay : (unixMs) => isoTime(unixMs) ?? '-';
}

/** Formats the local time of day, such as `14:48:03.120`. */
export function formatTimeOfDay(unixMs: number): string {
  const at = new Date(unixMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}
