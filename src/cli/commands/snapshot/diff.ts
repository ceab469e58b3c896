import {promises as fs} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {GateOutcome} from '../../../cluster/cluster.js';
import {Comparison, changeKinds, type Side} from '../../../cluster/snapshot/compare.js';
import type {SnapshotFile} from '../../../cluster/snapshot/snapshot-file.js';
import type {ExitCode} from '../../../errors.js';
import {safeJson} from '../../../output/safe-text.js';
import type {CommandContext} from '../../context.js';
import {completeness} from '../../partial.js';
import {settle, streamRows} from '../../present.js';
import {sessionChangeSheet} from '../../sheets/snapshot-sheets.js';
import {openNamedSnapshot, outcomesOf} from '../../snapshots.js';
import {notice, warn} from '../../talk.js';
import type {Verb} from '../../verb.js';

export interface SnapshotDiffInput {
  readonly before: string;
  readonly after?: string | undefined;
}

export const snapshotDiff: Verb<SnapshotDiffInput> = {
  examples: [
    'gatectl snapshot diff before-release.jsonl.gz',
    'gatectl snapshot diff monday.jsonl tuesday.jsonl -o json',
  ],
  declare: (command) =>
    command
      .argument('<before>', 'snapshot: a file, or a name in the folder of snapshots')
      .argument('[after]', 'a later one; without, the cluster as it is now'),
  run: async (context, {before, after}) => {
    const old = await openNamedSnapshot(context, before);
    if (after !== undefined) return await compare(context, old, await openNamedSnapshot(context, after));
    const folder = await fs.mkdtemp(path.join(tmpdir(), 'gatectl-diff-'));
    try {
      return await compare(context, old, await savedNow(context, old, path.join(folder, 'now.jsonl')));
    } finally {
      await fs.rm(folder, {recursive: true, force: true});
    }
  },
};

/** The cluster as it is, chosen by the selector of the snapshot that it is held against. */
async function savedNow(context: CommandContext, old: SnapshotFile, file: string): Promise<SnapshotFile> {
  const {saveSnapshot} = await import('../../../cluster/snapshot/save.js');
  const {parseSelector} = await import('../../../selector/selector.js');
  const {where} = old.header;
  await saveSnapshot(await context.openCluster(), {
    ...{file, overwrite: false, context: null, toJson: safeJson, now: context.now, signal: context.signal},
    where: where === null ? undefined : await parseSelector(where),
  });
  return await openNamedSnapshot(context, file);
}

async function compare(context: CommandContext, old: SnapshotFile, fresh: SnapshotFile): Promise<ExitCode> {
  const {signal} = context;
  if (old.header.where !== fresh.header.where)
    await warn(
      context,
      'the two were chosen by different selectors: what joined or left may only not have been chosen',
    );
  const comparison = new Comparison(sideOf(old, signal), sideOf(fresh, signal));
  const outcomes = joined(outcomesOf(old.header), outcomesOf(fresh.header));
  await streamRows(context, sessionChangeSheet, comparison.changes(), () => ({
    savedAt: {before: old.header.savedAt, after: fresh.header.savedAt},
    ...comparison.counts,
    ...completeness(outcomes),
  }));
  const {counts} = comparison;
  const said = [...changeKinds, ...(counts.unknown > 0 ? (['unknown'] as const) : [])];
  const {sessionsBefore, sessionsAfter} = counts;
  const sizes = `${sessionsBefore} → ${sessionsAfter} sessions`;
  await notice(context, `${sizes}: ${said.map((kind) => `${counts[kind]} ${kind}`).join(', ')}`);
  return settle(context, outcomes);
}

function sideOf(file: SnapshotFile, signal: AbortSignal): Side {
  const failed = outcomesOf(file.header).filter(({status}) => status === 'failed');
  return {rows: () => file.rows(signal), incomplete: new Set(failed.map(({node}) => node))};
}

/** One a gate: failed when it failed at either time. */
function joined(before: readonly GateOutcome[], after: readonly GateOutcome[]): readonly GateOutcome[] {
  const byNode = new Map([...before, ...after].map((outcome) => [outcome.node, outcome]));
  for (const outcome of before) if (outcome.status === 'failed') byNode.set(outcome.node, outcome);
  return [...byNode.values()];
}
