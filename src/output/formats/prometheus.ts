import {safeText} from '../text/safe-text.js';

/** One value of a metric. */
export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metric {
  /** Ends with its unit, and for a counter with `_total`. */
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

/**
 * Formats metrics in the Prometheus text format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). Leaves out metrics without samples.
 */
export function prometheusText(metrics: readonly Metric[]): string {
  return metrics
    .filter(({samples}) => samples.length > 0)
    .map(({name, type, help, samples}) => {
      const lines = samples.map(({labels, value}) => `${name}${labelsText(labels)} ${numberText(value)}\n`);
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
}

export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

function labelsText(labels: MetricSample['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${quoted(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Escapes a label value. Also escapes invisible characters, because operators view metrics with curl. */
const quoted = (value: string): string =>
  safeText(value)
    .replaceAll(/[\\"]/g, (character) => `\\${character}`)
    .replaceAll('\n', '\\n');

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}
