import type {ExitCode} from '../../../base/errors.js';
import type {GateOutcome} from '../../../cluster/cluster.js';
import {RecordComparison, recordChangeKinds} from '../../../cluster/snapshot/compare-records.js';
import {
  SessionComparison,
  type SessionSide,
  sessionChangeKinds,
} from '../../../cluster/snapshot/compare-sessions.js';
import type {SnapshotFile} from '../../../cluster/snapshot/snapshot-file.js';
import {savedRecordsInHeader} from '../../../cluster/snapshot/snapshot-records.js';
import type {Presenter} from '../../../output/formats/presenter.js';
import type {CommandContext} from '../../command-context.js';
import {snapshotOutcomes} from '../../settings/snapshot-folder.js';
import {notice, warn} from '../../show/notices.js';
import {completenessJson, reportPartialResult} from '../../show/partial-result.js';
import {streamLimitedRows} from '../../show/show-results.js';
import {recordChangePresenter} from './record-change-presenter.js';
import {sessionChangePresenter} from './snapshot-presenters.js';

/** Prints how sessions changed between two snapshots. */
export async function printSessionComparison(
  context: CommandContext,
  old: SnapshotFile,
  fresh: SnapshotFile,
): Promise<ExitCode> {
  const {signal} = context;
  if (old.header.where !== fresh.header.where)
    await warn(
      context,
      'the snapshots have different selectors: a session that appears in only one may not be selected by the other',
    );
  const comparison = new SessionComparison(sideOf(old, signal), sideOf(fresh, signal));
  const outcomes = joined(snapshotOutcomes(old.header), snapshotOutcomes(fresh.header));
  return await print(context, {old, fresh, comparison, outcomes, presenter: sessionChangePresenter}, () => {
    const {counts} = comparison;
    const sizes = `${counts.sessionsBefore} → ${counts.sessionsAfter} sessions`;
    return `${sizes}: ${countsText(sessionChangeKinds, counts)}`;
  });
}

/** Prints how records changed between two snapshots. Rejects with UsageError if one was saved without records. */
export async function printRecordComparison(
  context: CommandContext,
  old: SnapshotFile,
  fresh: SnapshotFile,
): Promise<ExitCode> {
  const {signal} = context;
  const [before, after] = [savedRecordsInHeader(old).gates, savedRecordsInHeader(fresh).gates];
  const comparison = new RecordComparison(
    {records: () => old.records(signal), incomplete: failedIn(before)},
    {records: () => fresh.records(signal), incomplete: failedIn(after)},
  );
  const outcomes = joined(before, after);
  return await print(context, {old, fresh, comparison, outcomes, presenter: recordChangePresenter}, () => {
    const {counts} = comparison;
    const sizes = `${counts.recordsBefore} → ${counts.recordsAfter} records`;
    return `${sizes}: ${countsText(recordChangeKinds, counts)}`;
  });
}

interface PrintedComparison<Change> {
  readonly old: SnapshotFile;
  readonly fresh: SnapshotFile;
  readonly comparison: {
    readonly changes: () => AsyncIterable<Change>;
    readonly counts: Readonly<Record<string, number>>;
  };
  readonly outcomes: readonly GateOutcome[];
  readonly presenter: Presenter<Change>;
}

/** Streams the changes, then prints the summary and any missing gates. */
async function print<Change>(
  context: CommandContext,
  {old, fresh, comparison, outcomes, presenter}: PrintedComparison<Change>,
  summary: () => string,
): Promise<ExitCode> {
  await streamLimitedRows(context, presenter, comparison.changes(), () => ({
    savedAt: {before: old.header.savedAt, after: fresh.header.savedAt},
    ...comparison.counts,
    ...completenessJson(outcomes),
  }));
  await notice(context, summary());
  return reportPartialResult(context, outcomes);
}

function countsText<K extends string>(
  kinds: readonly K[],
  counts: Readonly<Record<K | 'unknown', number>>,
): string {
  const shown = [...kinds, ...(counts.unknown > 0 ? (['unknown'] as const) : [])];
  return shown.map((kind) => `${counts[kind]} ${kind}`).join(', ');
}

const sideOf = (file: SnapshotFile, signal: AbortSignal): SessionSide => ({
  rows: () => file.rows(signal),
  incomplete: failedIn(snapshotOutcomes(file.header)),
});

const failedIn = (outcomes: readonly GateOutcome[]): ReadonlySet<string> =>
  new Set(outcomes.filter(({status}) => status === 'failed').map(({node}) => node));

/** Merges the outcomes of two snapshots by gate. A gate that failed in either one counts as failed. */
function joined(before: readonly GateOutcome[], after: readonly GateOutcome[]): readonly GateOutcome[] {
  const byNode = new Map([...before, ...after].map((outcome) => [outcome.node, outcome]));
  for (const outcome of before) if (outcome.status === 'failed') byNode.set(outcome.node, outcome);
  return [...byNode.values()];
}
