import {promises as fs} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {SnapshotFile} from '../../../cluster/snapshot/snapshot-file.js';
import {savedRecordsInHeader} from '../../../cluster/snapshot/snapshot-records.js';
import {safeJson} from '../../../output/text/safe-text.js';
import type {CommandContext} from '../../command-context.js';
import {openNamedSnapshot} from '../../settings/snapshot-folder.js';
import type {Verb} from '../../verb.js';
import {printRecordComparison, printSessionComparison} from './print-comparison.js';

interface SnapshotDiffInput {
  readonly before: string;
  readonly after?: string | undefined;
  readonly records?: boolean | undefined;
}

export const snapshotDiff: Verb<SnapshotDiffInput> = {
  examples: [
    'gatectl snapshot diff before-release.jsonl.gz',
    'gatectl snapshot diff monday.jsonl tuesday.jsonl -o json',
    'gatectl snapshot diff monday.jsonl --records',
  ],
  declare: (command) =>
    command
      .argument('<before>', 'snapshot file, or a name in the snapshot folder')
      .argument('[after]', 'later snapshot (default: the live cluster)')
      .option('--records', 'compare records instead of sessions'),
  run: async (context, {before, after, records = false}) => {
    const old = await openNamedSnapshot(context, before);
    if (records) savedRecordsInHeader(old); // throws if the snapshot has no records, before any gate is called
    const compare = records ? printRecordComparison : printSessionComparison;
    if (after !== undefined) return await compare(context, old, await openNamedSnapshot(context, after));
    const folder = await fs.mkdtemp(path.join(tmpdir(), 'gatectl-diff-'));
    try {
      const file = path.join(folder, 'now.jsonl');
      return await compare(context, old, await saveCurrent(context, old, {file, records}));
    } finally {
      await fs.rm(folder, {recursive: true, force: true});
    }
  },
};

/** Saves a snapshot of the live cluster, with the selector of the old snapshot. */
async function saveCurrent(
  context: CommandContext,
  old: SnapshotFile,
  {file, records}: {readonly file: string; readonly records: boolean},
): Promise<SnapshotFile> {
  const {saveSnapshot} = await import('../../../cluster/snapshot/save-snapshot.js');
  const {parseSelector} = await import('../../../selector/selector.js');
  const {where} = old.header;
  await saveSnapshot(await context.openReader(), {
    ...{
      file,
      records,
      overwrite: false,
      context: null,
      toJson: safeJson,
      now: context.now,
      signal: context.signal,
    },
    where: where === null ? undefined : await parseSelector(where),
  });
  return await openNamedSnapshot(context, file);
}
