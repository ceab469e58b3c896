import type {GateOutcome} from '../cluster/cluster.js';
import {Comparison, changeKinds, type Side} from '../cluster/snapshot/compare.js';
import {RecordComparison, recordChangeKinds} from '../cluster/snapshot/compare-records.js';
import type {SnapshotFile} from '../cluster/snapshot/snapshot-file.js';
import {savedRecordsOf} from '../cluster/snapshot/snapshot-records.js';
import type {ExitCode} from '../errors.js';
import type {CommandContext} from './context.js';
import {completeness} from './partial.js';
import {settle, streamLimited} from './present.js';
import {recordChangeSheet} from './sheets/record-change-sheet.js';
import {sessionChangeSheet} from './sheets/snapshot-sheets.js';
import {outcomesOf} from './snapshots.js';
import {notice, warn} from './talk.js';

/** Prints what became of the sessions of a snapshot by the time of a later one. */
export async function compareSessions(
  context: CommandContext,
  old: SnapshotFile,
  fresh: SnapshotFile,
): Promise<ExitCode> {
  const {signal} = context;
  if (old.header.where !== fresh.header.where)
    await warn(
      context,
      'the two were chosen by different selectors: what joined or left may only not have been chosen',
    );
  const comparison = new Comparison(sideOf(old, signal), sideOf(fresh, signal));
  const outcomes = joined(outcomesOf(old.header), outcomesOf(fresh.header));
  await streamLimited(context, sessionChangeSheet, comparison.changes(), () => ({
    savedAt: {before: old.header.savedAt, after: fresh.header.savedAt},
    ...comparison.counts,
    ...completeness(outcomes),
  }));
  const {counts} = comparison;
  const sizes = `${counts.sessionsBefore} → ${counts.sessionsAfter} sessions`;
  await notice(context, `${sizes}: ${counted(changeKinds, counts)}`);
  return settle(context, outcomes);
}

/** Prints what became of the records of a snapshot. Throws UsageError where one of the two was saved without them. */
export async function compareRecords(
  context: CommandContext,
  old: SnapshotFile,
  fresh: SnapshotFile,
): Promise<ExitCode> {
  const {signal} = context;
  const [before, after] = [savedRecordsOf(old).gates, savedRecordsOf(fresh).gates];
  const comparison = new RecordComparison(
    {records: () => old.records(signal), incomplete: failedIn(before)},
    {records: () => fresh.records(signal), incomplete: failedIn(after)},
  );
  const outcomes = joined(before, after);
  await streamLimited(context, recordChangeSheet, comparison.changes(), () => ({
    savedAt: {before: old.header.savedAt, after: fresh.header.savedAt},
    ...comparison.counts,
    ...completeness(outcomes),
  }));
  const {counts} = comparison;
  const sizes = `${counts.recordsBefore} → ${counts.recordsAfter} records`;
  await notice(context, `${sizes}: ${counted(recordChangeKinds, counts)}`);
  return settle(context, outcomes);
}

function counted<K extends string>(
  kinds: readonly K[],
  counts: Readonly<Record<K | 'unknown', number>>,
): string {
  const said = [...kinds, ...(counts.unknown > 0 ? (['unknown'] as const) : [])];
  return said.map((kind) => `${counts[kind]} ${kind}`).join(', ');
}

const sideOf = (file: SnapshotFile, signal: AbortSignal): Side => ({
  rows: () => file.rows(signal),
  incomplete: failedIn(outcomesOf(file.header)),
});

const failedIn = (outcomes: readonly GateOutcome[]): ReadonlySet<string> =>
  new Set(outcomes.filter(({status}) => status === 'failed').map(({node}) => node));

/** One a gate: failed when it failed at either time. */
function joined(before: readonly GateOutcome[], after: readonly GateOutcome[]): readonly GateOutcome[] {
  const byNode = new Map([...before, ...after].map((outcome) => [outcome.node, outcome]));
  for (const outcome of before) if (outcome.status === 'failed') byNode.set(outcome.node, outcome);
  return [...byNode.values()];
}
