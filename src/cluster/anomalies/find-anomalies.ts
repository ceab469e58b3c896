import type {ClusterReader, LiveCluster} from '../cluster.js';
import type {RecordReader} from '../records/record-access.js';
import type {GateOutcome} from '../result-types.js';
import {type AnomalyCheck, AnomalyCollector, type AnomalyReport} from './anomaly.js';
import {checkRecords} from './record-checks.js';
import {checkSessions, type SessionCheckOptions} from './session-checks.js';
import {checkStuckClients} from './stuck-client-check.js';

interface AnomalyOptions extends SessionCheckOptions {
  readonly checks: readonly AnomalyCheck[];
  /** Store to read records from directly, instead of through the gates. */
  readonly store?: RecordReader | undefined;
  /** Looks up sessions that the listing missed. Undefined for a snapshot. */
  readonly live: LiveCluster | undefined;
}

const recordChecks = ['ghost', 'orphan', 'undecodable'] as const;

/**
 * Finds inconsistent sessions and records without changing anything. Memory use is bounded; a check that reaches its
 * limit reports that in its note.
 */
export async function findAnomalies(cluster: ClusterReader, options: AnomalyOptions): Promise<AnomalyReport> {
  const {checks, store, signal, gates, live} = options;
  const findings = new AnomalyCollector(checks);
  const seen = await checkSessions(cluster, findings, options);
  const outcomes = [seen.listing.outcomes(), await checkStuckClients(live, findings, options)];
  let records = 0;
  if (findings.wants(...recordChecks)) {
    const held = store === undefined ? await holdersOf(cluster, gates) : undefined;
    if (held !== undefined) outcomes.push(held.outcomes);
    if (held?.holders.length === 0) {
      const why = held.why;
      findings.skip(recordChecks, why);
    } else {
      const through = {holders: held?.holders, signal, live};
      const checked = await checkRecords(cluster, store ?? cluster.records, seen, findings, through);
      records = checked.count;
      if (held?.note) for (const check of recordChecks) findings.note(check, held.note);
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

/** Returns the gates that can list the records in their storage. */
async function holdersOf(cluster: ClusterReader, gates: readonly string[] | undefined): Promise<Holders> {
  const {results, outcomes} = await cluster.info(gates);
  const holders = [...results].filter(([, {storage}]) => storage.list).map(([node]) => node);
  const others = [...results].filter(([, {storage}]) => !storage.list).map(([node]) => node);
  return {
    holders,
    outcomes,
    why: 'none of the gates that answered can list records (--store reads a store directly)',
    note:
      others.length === 0
        ? ''
        : `records of ${others.join(', ')} are not included: these gates cannot list them`,
  };
}

/** Merges outcomes into one per gate or store: the first failure, else the first success. */
function joined(answers: readonly (readonly GateOutcome[])[]): readonly GateOutcome[] {
  const byNode = new Map<string, GateOutcome>();
  for (const outcome of answers.flat()) {
    const before = byNode.get(outcome.node);
    if (before === undefined || (before.status === 'ok' && outcome.status === 'failed'))
      byNode.set(outcome.node, outcome);
  }
  return [...byNode.values()];
}
