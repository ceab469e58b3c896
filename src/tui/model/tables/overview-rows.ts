import {type GateStatus, gateStatus, isAnsweringStatus} from '../derived-state.js';
import {
  type GateMetrics,
  type GateState,
  type MetricName,
  metricsOfAllGates,
  metricsOfGate,
} from '../gate-metrics.js';
import type {State} from '../state.js';
import {type ColumnSortKeys, sortTableRows} from './sort-table-rows.js';

/** A row of the overview: a gate, or all gates with an empty id. */
export interface OverviewRow {
  readonly id: string;
  readonly name: string;
  readonly metrics: GateMetrics;
  readonly status: string;
  readonly tone: 'good' | 'warn' | 'bad' | 'dim';
  /** Whether the metrics are from an earlier answer. */
  readonly isOld: boolean;
  readonly isAnswering: boolean;
}

const metric =
  (name: MetricName) =>
  ({metrics}: OverviewRow): number =>
    metrics.current[name] ?? Number.NaN;

export const overviewSortKeys: ColumnSortKeys<OverviewRow> = {
  GATE: ({id}) => id,
  STATE: ({status}) => status,
  SESSIONS: metric('sessions'),
  BOUND: metric('bound'),
  GUESTS: metric('guests'),
  'CONN/S': metric('connects'),
  'DISC/S': metric('disconnects'),
  'IN/S': metric('received'),
  'OUT/S': metric('sent'),
  RTT: metric('ms'),
  DELAY: metric('delay'),
  WAITING: metric('waiting'),
  HEAP: metric('heap'),
  MEMORY: metric('memory'),
  /** Gates whose storage fails come first, sorted by unsaved sessions. */
  STORE: ({metrics}) => metrics.current.dirty || metrics.store,
};

/**
 * State that the rows depend on. Events change the state many times a second, but not these
 * members.
 */
type RowsOf = Pick<State, 'gates' | 'link' | 'now' | 'sorts'>;

interface Kept extends RowsOf {
  readonly statuses: readonly (readonly [GateState, GateStatus])[];
  readonly rows: readonly OverviewRow[];
}

let kept: Kept | undefined;

/**
 * Returns the row of all gates, followed by the gates in the chosen order. The rows stay the same
 * objects until a gate or its status changes.
 */
export function overviewRows(state: State): readonly OverviewRow[] {
  const {gates, link, now, sorts} = state;
  const isSame = kept?.gates === gates && kept.link === link && kept.sorts === sorts;
  if (kept !== undefined && isSame && kept.now === now) return kept.rows;
  const statuses = [...gates.values()].map((gate) => [gate, gateStatus(gate, state)] as const);
  const isUnchanged = isSame && statuses.every(([, {word}], at) => word === kept?.statuses[at]?.[1].word);
  const rows = kept !== undefined && isUnchanged ? kept.rows : computed(statuses, sorts);
  kept = {gates, link, now, sorts, statuses, rows};
  return rows;
}

function computed(statuses: Kept['statuses'], sorts: State['sorts']): readonly OverviewRow[] {
  const gates = statuses.map(([gate, {word, tone}]): OverviewRow => {
    const isOld = !isAnsweringStatus(word) && word !== 'new';
    const metrics = metricsOfGate(gate, !isOld);
    return {
      ...{id: gate.id, name: gate.id, metrics, status: word, tone, isOld},
      isAnswering: isAnsweringStatus(word),
    };
  });
  return [allGates(gates), ...sortTableRows(gates, sorts.overview, overviewSortKeys)];
}

function allGates(gates: readonly OverviewRow[]): OverviewRow {
  const there = gates.filter(({status}) => status !== 'left');
  const old = there.filter(({isOld, metrics}) => isOld && metrics.current.sessions !== undefined).length;
  const live = gates.filter(({status}) => status === 'live').length;
  const answering = gates.filter(({isAnswering}) => isAnswering).length;
  return {
    id: '',
    name: old === 0 ? 'all gates' : `all gates, ${old} last known`,
    metrics: totalOf(there.map(({metrics}) => metrics)),
    status: `${answering}/${gates.length}`,
    tone: live === gates.length ? 'good' : answering === gates.length ? 'warn' : 'bad',
    isOld: false,
    isAnswering: answering > 0,
  };
}

/** Cached total, reused until a gate has new metrics. */
let last: {readonly of: readonly GateMetrics[]; readonly total: GateMetrics} | undefined;

function totalOf(gates: readonly GateMetrics[]): GateMetrics {
  const isSame = last?.of.length === gates.length && gates.every((one, at) => one === last?.of[at]);
  if (last === undefined || !isSame) last = {of: gates, total: metricsOfAllGates(gates)};
  return last.total;
}
