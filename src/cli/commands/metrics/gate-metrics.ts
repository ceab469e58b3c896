import {version} from '../../../base/version.js';
import type {ClusterReader, GateOutcome, GateStatistics, Gathered} from '../../../cluster/cluster.js';
import type {Metric, MetricSample} from '../../../output/formats/prometheus.js';
import type {GateInfo, GateStats} from '../../../session/gate-api.js';
import {reportsDirtyCount} from '../../../session/node-kind.js';

interface GateMeasurement {
  readonly metrics: readonly Metric[];
  readonly outcomes: readonly GateOutcome[];
}

/**
 * Collects one sample per gate and metric, never one per session or user. A gate that did not answer has
 * `gatectl_gate_up 0`. A stock gate that is up has no other samples.
 */
export async function collectGateMetrics(
  cluster: Pick<ClusterReader, 'stats' | 'info'>,
): Promise<GateMeasurement> {
  const [stats, info] = await Promise.all([cluster.stats(), cluster.info()]);
  return {metrics: metricsOf(stats, info), outcomes: stats.outcomes};
}

const metricsOf = (stats: Gathered<GateStatistics>, info: Gathered<GateInfo>): readonly Metric[] => [
  ...metricsOfGates(stats, info.results),
  ...admissionMetrics(stats, info),
  ...softwareMetrics(info),
  ...gatectlMetrics(stats),
];

/** Returns all served metrics, without gate samples. */
export function metricDefinitions(): readonly Metric[] {
  const none = {expected: [], results: new Map(), outcomes: []};
  return [registryUpMetric(true), ...metricsOf(none, none)];
}

/** Returns `gatectl_gate_up 0` for each gate. Used when no gate can be called. */
export function downGateMetrics(gates: readonly string[]): readonly Metric[] {
  return [gateUpMetric(gates.map((gate) => sample(gate, 0)))];
}

export const registryUpMetric = (isUp: boolean): Metric => ({
  name: 'gatectl_registry_up',
  type: 'gauge',
  help: 'Whether the registry answered: 1 or 0. If not, the last known gates are called.',
  samples: [{labels: {}, value: isUp ? 1 : 0}],
});

const gateUpMetric = (samples: readonly MetricSample[]): Metric => ({
  name: 'gatectl_gate_up',
  type: 'gauge',
  help: 'Whether the gate answered: 1 or 0.',
  samples,
});

/** Whether the gate answered, even if it lacks the called function. */
const isUp = ({status, reason}: GateOutcome): boolean => status === 'ok' || reason === 'unsupported';

type StatsMetric = readonly [
  name: string,
  type: Metric['type'],
  help: string,
  of: (stats: GateStats, info: GateInfo | undefined) => number | undefined,
];

const statsMetrics: readonly StatsMetric[] = [
  ['sessions', 'gauge', 'Live sessions.', ({sessions}) => sessions],
  ['bound_sessions', 'gauge', 'Live sessions that have a uid.', ({bound}) => bound],
  ['connects_total', 'counter', 'Connections since the gate started.', ({connects}) => connects],
  ['disconnects_total', 'counter', 'Disconnections since the gate started.', ({disconnects}) => disconnects],
  ['received_messages_total', 'counter', 'MQTT packets with a body from clients.', ({received}) => received],
  ['sent_messages_total', 'counter', 'MQTT packets with a body to clients.', ({sent}) => sent],
  [
    'draining',
    'gauge',
    'Whether the gate refuses new sessions: 1 or 0. Absent for gates that do not report it.',
    ({state}) => (state === undefined ? undefined : Number(state === 'draining')),
  ],
  [
    'dirty_sessions',
    'gauge',
    'Sessions with unsaved changes, on gates that count them.',
    ({dirty}, info) => (info === undefined || reportsDirtyCount(info.software) ? dirty : undefined),
  ],
  [
    'refused_connections_total',
    'counter',
    'Connections and sign-ins refused since the gate started.',
    ({refused}) => refused,
  ],
  [
    'refused_replies_total',
    'counter',
    'Calls, queries and feeds refused because their reply subject is not an inbox.',
    ({refusedReplies}) => refusedReplies,
  ],
  [
    'start_time_seconds',
    'gauge',
    'Start time of the gate, Unix time by its own clock.',
    ({startedAt}) => startedAt / 1000,
  ],
  ['clock_time_seconds', 'gauge', 'Clock of the gate, Unix time.', ({now}) => now / 1000],
  ['waiting_bytes', 'gauge', 'Bytes that wait to be sent to clients.', ({health}) => health?.waitingBytes],
  [
    'event_loop_delay_seconds',
    'gauge',
    'Longest time that the event loop was held in the last 10 to 20 s; absent for gates in Go.',
    ({health}) => health?.loopDelayMs && health.loopDelayMs / 1000,
  ],
  ['resident_memory_bytes', 'gauge', 'Memory of the gate in RAM.', ({health}) => health?.residentBytes],
  ['heap_bytes', 'gauge', 'Memory in use on the heap of the gate.', ({health}) => health?.heapBytes],
  [
    'heap_limit_bytes',
    'gauge',
    'Size at which the heap of the gate is full; absent for gates in Go.',
    ({health}) => health?.heapLimitBytes,
  ],
  ['goroutines', 'gauge', 'Goroutines of a gate in Go.', ({health}) => health?.goroutines],
];

function metricsOfGates(
  {results, outcomes}: Gathered<GateStatistics>,
  infos: ReadonlyMap<string, GateInfo>,
): readonly Metric[] {
  const answered = outcomes.filter(isUp);
  return [
    gateUpMetric(outcomes.map((outcome) => sample(outcome.node, isUp(outcome) ? 1 : 0))),
    {
      name: 'gatectl_gate_answer_seconds',
      type: 'gauge',
      help: 'Response time of the gate.',
      samples: answered.map(({node, ms}) => sample(node, ms / 1000)),
    },
    knownSessions(results),
    ...statsMetrics.map(
      ([name, type, help, of]): Metric => ({
        ...{name: `gatectl_gate_${name}`, type, help},
        samples: [...results].flatMap(([node, stats]) => {
          const value = of(stats, infos.get(node));
          return stats.isAtLeast === true || value === undefined ? [] : [sample(node, value)];
        }),
      }),
    ),
  ];
}

const knownSessions = (results: Gathered<GateStatistics>['results']): Metric => ({
  name: 'gatectl_gate_known_sessions',
  type: 'gauge',
  help: 'Known sessions of a stock gate, from a store or the bus. There may be more.',
  samples: [...results].flatMap(([node, {isAtLeast, sessions}]) =>
    isAtLeast === true ? [sample(node, sessions)] : [],
  ),
});

/** Returns the configured limits, how often each was hit, and when certificates expire. */
function admissionMetrics(stats: Gathered<GateStatistics>, info: Gathered<GateInfo>): readonly Metric[] {
  const admissions = [...info.results].flatMap(([gate, {admission}]) =>
    admission === undefined ? [] : [{gate, ...admission}],
  );
  return [
    {
      ...{name: 'gatectl_gate_limit', type: 'gauge', help: 'Configured limit; 0 is no limit.'},
      samples: admissions.flatMap(({gate, limits}) =>
        Object.entries(limits).map(([limit, value]): MetricSample => ({labels: {gate, limit}, value})),
      ),
    },
    {
      ...{name: 'gatectl_gate_limit_hits_total', type: 'counter'},
      help: 'How often a limit turned a client or a request away since the gate started.',
      samples: [...stats.results].flatMap(([gate, {limitHits = {}}]) =>
        Object.entries(limitHits).map(
          ([limit, {count}]): MetricSample => ({labels: {gate, limit}, value: count}),
        ),
      ),
    },
    {
      ...{name: 'gatectl_gate_certificate_expiry_time_seconds', type: 'gauge'},
      help: 'When the first certificate of a listener expires, Unix time.',
      samples: admissions.flatMap(({gate, certificates}) =>
        certificates.map(
          ({listener, expiresAt}): MetricSample => ({labels: {gate, listener}, value: expiresAt / 1000}),
        ),
      ),
    },
  ];
}

function softwareMetrics({results}: Gathered<GateInfo>): readonly Metric[] {
  const samples = [...results].map(([gate, {software, softwareVersion, storage}]): MetricSample => {
    const labels = {gate, software, version: softwareVersion, storage: storage.kind};
    return {labels, value: 1};
  });
  return [{name: 'gatectl_gate_info', type: 'gauge', help: 'Software of the gate; always 1.', samples}];
}

function gatectlMetrics({outcomes}: Gathered<unknown>): readonly Metric[] {
  return [
    {
      name: 'gatectl_gates',
      type: 'gauge',
      help: 'Gates in the registry.',
      samples: [{labels: {}, value: outcomes.length}],
    },
    {
      name: 'gatectl_build_info',
      type: 'gauge',
      help: 'Version of gatectl; always 1.',
      samples: [{labels: {version}, value: 1}],
    },
  ];
}

const sample = (gate: string, value: number): MetricSample => ({labels: {gate}, value});
