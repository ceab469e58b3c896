import {formatBytes, formatCount} from '../../../output/text/humanize.js';
import type {HealthAspect} from '../../../session/gate-health.js';
import type {MetricName} from '../../model/gate-metrics.js';

function number(value: number | undefined): string {
  return value === undefined ? '-' : formatCount(Math.round(value));
}

/** Formats a rate with one decimal below 10, and none from 10 up. */
function rate(value: number | undefined): string {
  if (value === undefined) return '-';
  return value > 0 && value < 10 ? value.toFixed(1) : formatCount(Math.round(value));
}

function milliseconds(ms: number | undefined): string {
  return ms === undefined ? '-' : ms < 1 ? '<1 ms' : `${Math.round(ms)} ms`;
}

function size(bytes: number | undefined): string {
  return bytes === undefined ? '-' : formatBytes(bytes);
}

interface MetricView {
  readonly name: MetricName;
  readonly label: string;
  readonly format: (value: number | undefined) => string;
  /** Table column. A metric without a column is only shown below the table. */
  readonly column?: {
    readonly header: string;
    readonly priority: number;
    /**
     * Health aspect whose threshold colours the value. Such a metric has no sparkline, and its
     * column is always shown while a gate exceeds the threshold.
     */
    readonly aspect?: HealthAspect;
  };
}

export const metricViews: readonly MetricView[] = [
  {name: 'sessions', label: 'sessions', format: number, column: {header: 'SESSIONS', priority: 2}},
  {name: 'bound', label: 'bound', format: number, column: {header: 'BOUND', priority: 4}},
  {name: 'guests', label: 'guests', format: number, column: {header: 'GUESTS', priority: 8}},
  {name: 'connects', label: 'connects/s', format: rate, column: {header: 'CONN/S', priority: 5}},
  {name: 'disconnects', label: 'disconnects/s', format: rate, column: {header: 'DISC/S', priority: 6}},
  {name: 'received', label: 'messages in/s', format: rate, column: {header: 'IN/S', priority: 7}},
  {name: 'sent', label: 'messages out/s', format: rate, column: {header: 'OUT/S', priority: 7.5}},
  {name: 'ms', label: 'round trip', format: milliseconds, column: {header: 'RTT', priority: 7.7}},
  {name: 'dirty', label: 'not stored yet', format: number},
  {
    ...{name: 'delay', label: 'loop delay', format: milliseconds},
    column: {header: 'DELAY', priority: 7.8, aspect: 'loopDelayMs'},
  },
  {
    ...{name: 'waiting', label: 'waiting', format: size},
    column: {header: 'WAITING', priority: 7.85, aspect: 'waitingBytes'},
  },
  {name: 'heap', label: 'heap', format: size, column: {header: 'HEAP', priority: 7.9, aspect: 'heapShare'}},
  {
    ...{name: 'memory', label: 'memory', format: size},
    column: {header: 'MEMORY', priority: 8.5, aspect: 'heapShare'},
  },
];

/** Formats the current value of a metric. */
export function currentMetricText(
  current: Readonly<Record<MetricName, number | undefined>>,
  name: MetricName,
): string {
  return metricViews.find((view) => view.name === name)?.format(current[name]) ?? '-';
}
