import type {CallFailureReason} from '../../base/errors.js';
import type {ClusterNode} from '../../cluster/cluster.js';
import type {GateInfo, GateStats} from '../../session/gate-api.js';
import type {GateHealth} from '../../session/gate-health.js';
import {reportsDirtyCount} from '../../session/node-kind.js';
import type {ChartPoint} from '../text/chart.js';

/** One poll of a gate. */
export interface GateSample extends Omit<GateStats, 'now'> {
  readonly at: number;
  /** The gate's own clock, in Unix milliseconds. */
  readonly gateNow: number;
  /** Round-trip time in milliseconds. */
  readonly ms: number;
}

export interface GateState {
  readonly id: string;
  readonly node: ClusterNode | undefined;
  /** When the gate left the registry; undefined while it is registered. */
  readonly leftAt: number | undefined;
  /** State of the gate's event feed. */
  readonly eventFeed: 'new' | 'watching' | 'silent' | 'unsupported';
  readonly eventFeedMessage: string;
  /** When the gate last answered any call. */
  readonly answeredAt: number | undefined;
  /** Set while the gate does not answer. */
  readonly failure: GateFailure | undefined;
  /** Set if the gate answers but lacks a required function. */
  readonly missing: string | undefined;
  /** Duration of the last answered call of any kind, in milliseconds. */
  readonly roundTripMs: number | undefined;
  readonly samples: readonly GateSample[];
  readonly info: GateInfo | undefined;
  /** When events were last missed, and why. */
  readonly gap: {readonly at: number; readonly why: string} | undefined;
}

interface GateFailure {
  readonly reason: CallFailureReason;
  readonly message: string;
  readonly since: number;
}

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
  'delay',
  'waiting',
  'memory',
  'heap',
] as const;
export type MetricName = (typeof metricNames)[number];

/** Values of the last few minutes, oldest first. */
type MetricHistory = Readonly<Record<MetricName, readonly ChartPoint[]>>;

/**
 * Current metrics of a gate and their history; undefined means unknown. `connects`, `disconnects`,
 * `received` and `sent` are rates per second. `ms` is the round-trip time in milliseconds, `delay`
 * the event loop delay in milliseconds. `dirty` counts sessions that are not stored yet. `waiting`,
 * `memory` (resident) and `heap` are bytes.
 */
export interface GateMetrics {
  readonly current: Readonly<Record<MetricName, number | undefined>>;
  readonly history: MetricHistory;
  readonly store: string;
  /** Host and process id; undefined if unknown. Several gates may share a process, and so its memory. */
  readonly process?: string | undefined;
  /**
   * Last reported health; undefined for the total of all gates, and for a gate that does not
   * answer.
   */
  readonly health?: GateHealth | undefined;
}

function perMetric<T>(pick: (name: MetricName) => T): Readonly<Record<MetricName, T>> {
  return Object.fromEntries(metricNames.map((name) => [name, pick(name)])) as Record<MetricName, T>;
}

/**
 * Returns a counter's growth per second between samples. The step across a gate restart counts as
 * 0.
 */
function ratesOf(
  samples: readonly GateSample[],
  counter: 'connects' | 'disconnects' | 'received' | 'sent',
): readonly ChartPoint[] {
  return samples.slice(1).map((sample, index) => {
    const before = samples[index];
    const {at} = sample;
    if (Number.isNaN(sample[counter])) return {at, value: Number.NaN};
    if (before === undefined || before.startedAt !== sample.startedAt) return {at, value: 0};
    const seconds = (at - before.at) / 1000;
    return {at, value: seconds <= 0 ? 0 : Math.max(0, sample[counter] - before[counter]) / seconds};
  });
}

/**
 * Cached metrics of answering and silent gates. A gate's state object is replaced on every change.
 */
const known = {
  answering: new WeakMap<GateState, GateMetrics>(),
  silent: new WeakMap<GateState, GateMetrics>(),
};

/**
 * Returns the metrics of one gate. A gate that does not answer keeps its last known counts, but has
 * no current rates or round-trip time.
 */
export function metricsOfGate(gate: GateState, isAnswering = true): GateMetrics {
  const cache = isAnswering ? known.answering : known.silent;
  const metrics = cache.get(gate) ?? computed(gate, isAnswering);
  cache.set(gate, metrics);
  return metrics;
}

function computed({samples, info, roundTripMs}: GateState, isAnswering: boolean): GateMetrics {
  const counted = (pick: (sample: GateSample) => number): readonly ChartPoint[] =>
    samples.map((sample) => ({at: sample.at, value: pick(sample)}));
  const all: MetricHistory = {
    sessions: counted(({sessions}) => sessions),
    bound: counted(({bound}) => bound),
    guests: counted(({sessions, bound}) => sessions - bound),
    connects: ratesOf(samples, 'connects'),
    disconnects: ratesOf(samples, 'disconnects'),
    received: ratesOf(samples, 'received'),
    sent: ratesOf(samples, 'sent'),
    ms: counted(({ms}) => ms),
    dirty: info === undefined || reportsDirtyCount(info.software) ? counted(({dirty}) => dirty) : [],
    delay: counted(({health}) => health?.loopDelayMs ?? Number.NaN),
    waiting: counted(({health}) => health?.waitingBytes ?? Number.NaN),
    memory: counted(({health}) => health?.residentBytes ?? Number.NaN),
    heap: counted(({health}) => health?.heapBytes ?? Number.NaN),
  };
  const history = perMetric((name) => all[name].filter(({value}) => !Number.isNaN(value)));
  const isKept = (name: MetricName): boolean =>
    isAnswering || ['sessions', 'bound', 'guests', 'dirty'].includes(name);
  const current = {
    ...perMetric((name) => (isKept(name) ? history[name].at(-1)?.value : undefined)),
    ms: isAnswering ? (samples.at(-1)?.ms ?? roundTripMs) : undefined,
  };
  const health = isAnswering ? samples.at(-1)?.health : undefined;
  const process = info === undefined || info.pid === 0 ? undefined : `${info.host} ${info.pid}`;
  return {current, history, store: storeText(info?.storage.kind, current.dirty), process, health};
}

function storeText(kind: string | undefined, dirty: number | undefined): string {
  if (kind === undefined) return '-';
  return dirty === undefined || dirty === 0 ? kind : `${kind}, ${dirty} not stored`;
}

/**
 * Returns the metrics of all gates together: sums of counts and rates, and maximums of times. The memory of a process is
 * counted once.
 */
export function metricsOfAllGates(gates: readonly GateMetrics[]): GateMetrics {
  const processes = onePerProcess(gates);
  const counted = (name: MetricName) => (name === 'memory' || name === 'heap' ? processes : gates);
  const history = perMetric((name) =>
    combineHistories(
      counted(name).map((gate) => gate.history[name]),
      totalOf(name),
    ),
  );
  const current = perMetric((name) => {
    const [first, ...rest] = counted(name).flatMap((gate) => gate.current[name] ?? []);
    return first === undefined ? undefined : rest.reduce(totalOf(name), first);
  });
  const {dirty = 0} = current;
  return {current, history, store: dirty === 0 ? '' : `${dirty} not stored`};
}

/** Returns one gate of each process, one that reports its memory if possible; and each gate of an unknown process. */
function onePerProcess(gates: readonly GateMetrics[]): readonly GateMetrics[] {
  const byProcess = new Map<string | GateMetrics, GateMetrics>();
  for (const gate of gates) {
    const key = gate.process ?? gate;
    if (byProcess.get(key)?.current.memory === undefined) byProcess.set(key, gate);
  }
  return [...byProcess.values()];
}

/** Returns the function that combines a metric's values of two gates. */
const totalOf = (name: MetricName): ((one: number, other: number) => number) =>
  name === 'ms' || name === 'delay' ? (one, other) => Math.max(one, other) : (one, other) => one + other;

/** Maximum difference between the poll times of two gates in one round. */
const pollMs = 2000;
/** How long a gate's value is used after its poll, in milliseconds. */
const heldMs = 8000;

/**
 * Combines histories at common times, none later than the newest value. A gate without a recent value is left out at that
 * time.
 */
function combineHistories(
  histories: readonly (readonly ChartPoint[])[],
  combine: (total: number, value: number) => number,
): readonly ChartPoint[] {
  const [only = []] = histories;
  if (histories.length < 2) return only;
  const ticks = new Set(
    histories.flatMap((history) => history.map(({at}) => Math.ceil(at / pollMs) * pollMs)),
  );
  const newest = Math.max(...histories.map((history) => history.at(-1)?.at ?? 0));
  const places = histories.map(() => -1);
  return [...ticks]
    .sort((one, other) => one - other)
    .flatMap((at): ChartPoint[] => {
      const values = histories.flatMap((history, index) => {
        let place = places[index] ?? -1;
        while ((history[place + 1]?.at ?? Number.POSITIVE_INFINITY) <= at) place += 1;
        places[index] = place;
        const point = history[place];
        return point === undefined || at - point.at > heldMs ? [] : [point.value];
      });
      const [first, ...rest] = values;
      return first === undefined ? [] : [{at: Math.min(at, newest), value: rest.reduce(combine, first)}];
    });
}
