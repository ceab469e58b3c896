import {promises as fs} from 'node:fs';
import path from 'node:path';
import {ExitCode} from '../../../base/errors.js';
import {safeJson} from '../../../output/text/safe-text.js';
import {addSelectorFlags, parseSelectorFlags, type SelectorInput} from '../../bulk/selector-flags.js';
import {formatHintLine} from '../../line/hints/hint-line.js';
import {defaultSnapshotPath, snapshotFolder, snapshotOutcomes} from '../../settings/snapshot-folder.js';
import {notice} from '../../show/notices.js';
import {reportPartialResult} from '../../show/partial-result.js';
import {showItem} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {snapshotFields} from './snapshot-presenters.js';

interface SnapshotSaveInput extends SelectorInput {
  readonly file?: string | undefined;
  readonly force?: boolean | undefined;
  readonly records?: boolean | undefined;
}

export const snapshotSave: Verb<SnapshotSaveInput> = {
  examples: [
    'gatectl snapshot save',
    'gatectl snapshot save before-release.jsonl.gz --records',
    'gatectl snapshot save vip.jsonl --setting vip=1 --force',
  ],
  declare: (command) =>
    addSelectorFlags(command)
      .argument('[file]', 'file to write, gzipped if it ends in .gz (default: in the snapshot folder)')
      .option('--records', 'also save all stored records')
      .option('--force', 'overwrite an existing file'),
  run: async (context, {file, force = false, records = false, ...input}) => {
    const {now, signal} = context;
    const selection = await parseSelectorFlags(input);
    const named = (await context.connection()).contextName ?? null;
    const to = file ?? defaultSnapshotPath(snapshotFolder(context), named, now());
    const {saveSnapshot} = await import('../../../cluster/snapshot/save-snapshot.js');
    const cluster = await context.openReader();
    const about = {...selection, file: to, overwrite: force, context: named, records};
    const header = await saveSnapshot(cluster, {...about, toJson: safeJson, now, signal});
    const {size: bytes} = await fs.stat(to);
    await showItem(context, snapshotFields({file: to, name: path.basename(to), bytes, header, fault: ''}));
    await notice(context, `to compare it with the live cluster: ${formatHintLine(['snapshot', 'diff', to])}`);
    const code = await reportPartialResult(context, snapshotOutcomes(header));
    return code === ExitCode.done ? reportPartialResult(context, header.records?.gates ?? []) : code;
  },
};
