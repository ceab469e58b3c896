import {countsUnsaved} from '../../session/gate-software.js';
import type {GateSample, GateState} from './state.js';

const metricNames = [
  'sessions',
  'bound',
  'guests',
  'connects',
  'disconnects',
  'received',
  'sent',
  'ms',
  'dirty',
] as const;
export type MetricName = (typeof metricNames)[number];

/** Values of the last minutes, oldest first. */
type MetricHistory = Readonly<Record<MetricName, readonly number[]>>;

/**
 * Current metrics of a gate and their history. `connects`, `disconnects`, `received` and `sent` are rates per second,
 * `ms` is the round trip in milliseconds, `dirty` counts sessions not stored yet. Undefined means unknown.
 */
export interface GateMetrics {
  readonly current: Readonly<Record<MetricName, number | undefined>>;
  readonly history: MetricHistory;
  readonly store: string;
}

function perMetric<T>(pick: (name: MetricName) => T): Readonly<Record<MetricName, T>> {
  return Object.fromEntries(metricNames.map((name) => [name, pick(name)])) as Record<MetricName, T>;
}

/** Growth of a counter per second between samples. A step across a gate restart counts as 0. */
function ratesOf(
  samples: readonly GateSample[],
  counter: 'connects' | 'disconnects' | 'received' | 'sent',
): readonly number[] {
  return samples.slice(1).map((sample, at) => {
    const before = samples[at];
    if (Number.isNaN(sample[counter])) return Number.NaN;
    if (before === undefined || before.startedAt !== sample.startedAt) return 0;
    const seconds = (sample.at - before.at) / 1000;
    return seconds <= 0 ? 0 : Math.max(0, sample[counter] - before[counter]) / seconds;
  });
}

/** Metrics of one gate. A gate that doesn't answer keeps its last known counts, without rates or round trip. */
export function metricsOfGate({samples, info, roundTripMs}: GateState, isAnswering = true): GateMetrics {
  const recent = isAnswering ? samples : [];
  const history: MetricHistory = {
    sessions: samples.map(({sessions}) => sessions),
    bound: samples.map(({bound}) => bound),
    guests: samples.map(({sessions, bound}) => sessions - bound),
    connects: ratesOf(recent, 'connects'),
    disconnects: ratesOf(recent, 'disconnects'),
    received: ratesOf(recent, 'received'),
    sent: ratesOf(recent, 'sent'),
    ms: recent.map(({ms}) => ms),
    dirty: info === undefined || countsUnsaved(info.software) ? samples.map(({dirty}) => dirty) : [],
  };
  return metricsIn(
    perMetric((name) => history[name].filter((value) => !Number.isNaN(value))),
    {
      ...{info, roundTripMs: isAnswering ? roundTripMs : undefined},
    },
  );
}

/** Of a gate that cannot count, only the known sessions are in the history. */
function metricsIn(
  history: MetricHistory,
  {info, roundTripMs}: Pick<GateState, 'info' | 'roundTripMs'>,
): GateMetrics {
  const current = {
    ...perMetric((name) => history[name].at(-1)),
    ms: roundTripMs,
  };
  return {current, history, store: storeText(info?.storage.kind, current.dirty)};
}

function storeText(kind: string | undefined, dirty: number | undefined): string {
  if (kind === undefined) return '-';
  return dirty === undefined || dirty === 0 ? kind : `${kind}, ${dirty} behind`;
}

/** Metrics of all gates together: sums, and the longest round trip. */
export function metricsOfAllGates(gates: readonly GateMetrics[]): GateMetrics {
  const history = perMetric((name) =>
    combineHistories(
      gates.map((gate) => gate.history[name]),
      name === 'ms' ? Math.max : (sum, value) => sum + value,
    ),
  );
  const roundTrips = gates.flatMap(({current}) => current.ms ?? []);
  const behind = gates.filter(({current}) => (current.dirty ?? 0) > 0).length;
  return {
    current: {
      ...perMetric((name) => history[name].at(-1)),
      ms: roundTrips.length === 0 ? undefined : Math.max(...roundTrips),
    },
    history,
    store: behind === 0 ? '' : `${behind} behind`,
  };
}

/** Aligns histories at their newest value: all gates are polled together. */
function combineHistories(
  histories: readonly (readonly number[])[],
  combine: (total: number, value: number) => number,
): readonly number[] {
  const length = Math.max(0, ...histories.map((history) => history.length));
  return Array.from({length}, (_, at) =>
    histories
      .flatMap((history) => history[history.length - length + at] ?? [])
      .reduce((total, value) => combine(total, value), 0),
  );
}
