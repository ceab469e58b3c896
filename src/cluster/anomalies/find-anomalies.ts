import type {GateOutcome} from '../answers.js';
import type {ClusterReader, LiveCluster} from '../cluster.js';
import type {RecordReader} from '../records/records.js';
import {type AnomalyCheck, type AnomalyReport, Findings} from './anomaly.js';
import {checkRecords} from './record-checks.js';
import {checkSessions, type SessionCheckOptions} from './session-checks.js';

interface AnomalyOptions extends SessionCheckOptions {
  readonly checks: readonly AnomalyCheck[];
  /** Reads the store directly instead of through the gates. */
  readonly store?: RecordReader | undefined;
  /** Looks up sessions that the listing missed. Undefined for a snapshot. */
  readonly live: LiveCluster | undefined;
}

const aboutRecords = ['ghost', 'orphan', 'undecodable'] as const;

/**
 * Finds inconsistent sessions and records; reads only. Memory is bounded, and a check that reaches its bound
 * reports that.
 */
export async function findAnomalies(cluster: ClusterReader, options: AnomalyOptions): Promise<AnomalyReport> {
  const {checks, store, signal, gates, live} = options;
  const findings = new Findings(checks);
  const seen = await checkSessions(cluster, findings, options);
  const outcomes = [seen.listing.outcomes()];
  let records = 0;
  if (findings.wants(...aboutRecords)) {
    const held = store === undefined ? await holdersOf(cluster, gates) : undefined;
    if (held !== undefined) outcomes.push(held.outcomes);
    if (held?.holders.length === 0) {
      const why = held.why;
      findings.skip(aboutRecords, why);
    } else {
      const through = {holders: held?.holders, signal, live};
      const checked = await checkRecords(cluster, store ?? cluster.records, seen, findings, through);
      records = checked.count;
      if (held?.note) for (const check of aboutRecords) findings.note(check, held.note);
      outcomes.push(checked.listing.outcomes());
    }
  }
  return {
    anomalies: findings.anomalies(),
    counts: findings.bySeverity,
    checks: findings.summaries(),
    sessions: seen.count,
    records,
    outcomes: joined(outcomes),
  };
}

interface Holders {
  readonly holders: readonly string[];
  readonly outcomes: readonly GateOutcome[];
  readonly why: string;
  readonly note: string;
}

/** Gates that can list the records of their storage. */
async function holdersOf(cluster: ClusterReader, gates: readonly string[] | undefined): Promise<Holders> {
  const {results, outcomes} = await cluster.info(gates);
  const holders = [...results].filter(([, {storage}]) => storage.list).map(([node]) => node);
  const others = [...results].filter(([, {storage}]) => !storage.list).map(([node]) => node);
  return {
    holders,
    outcomes,
    why: 'none of the gates that answered can list records (--store reads a store directly)',
    note: others.length === 0 ? '' : `without the records of ${others.join(', ')}, which cannot list them`,
  };
}

/** One outcome per gate or store: the first failure, else the first success. */
function joined(answers: readonly (readonly GateOutcome[])[]): readonly GateOutcome[] {
  const byNode = new Map<string, GateOutcome>();
  for (const outcome of answers.flat()) {
    const before = byNode.get(outcome.node);
    if (before === undefined || (before.status === 'ok' && outcome.status === 'failed'))
      byNode.set(outcome.node, outcome);
  }
  return [...byNode.values()];
}
