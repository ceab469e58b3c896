import {promises as fs} from 'node:fs';
import path from 'node:path';
import {errorCode, errorCodeOrText, errorMessage} from '../../../base/error-details.js';
import {GatectlError, UsageError} from '../../../base/errors.js';
import {snapshotFolder} from '../../settings/snapshot-folder.js';
import {notice} from '../../show/notices.js';
import {showRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {type ListedSnapshot, snapshotPresenter} from './snapshot-presenters.js';

interface SnapshotListInput {
  readonly folder?: string | undefined;
}

export const snapshotList: Verb<SnapshotListInput> = {
  examples: ['gatectl snapshot list', 'gatectl snapshot list /var/backups/gatectl -o wide'],
  declare: (command) => command.argument('[folder]', 'folder to list (default: the snapshot folder)'),
  run: async (context, {folder}) => {
    const from = folder ?? snapshotFolder(context);
    const entries = await readEntries(from, folder !== undefined);
    if (entries.length === 0)
      await notice(context, `no snapshots in ${from}; to save one: gatectl snapshot save`);
    return await showRows(context, snapshotPresenter, entries);
  },
};

/** Reads the snapshots in a folder, newest first. */
async function readEntries(folder: string, mustExist: boolean): Promise<readonly ListedSnapshot[]> {
  const names = await fs.readdir(folder).catch((cause: unknown) => {
    if (mustExist)
      throw new UsageError(`cannot read the folder "${folder}": ${errorCodeOrText(cause)}`, {cause});
    return [];
  });
  const snapshots = names.filter((name) => /\.jsonl(\.gz)?$/.test(name));
  const entries = await Promise.all(snapshots.map((name) => readEntry(path.join(folder, name), name)));
  const when = ({header}: ListedSnapshot): string => header?.savedAt ?? '';
  return entries.sort((left, right) => (when(left) < when(right) ? 1 : -1));
}

async function readEntry(file: string, name: string): Promise<ListedSnapshot> {
  const found = await fs.stat(file).catch(() => undefined);
  const bytes = found?.size ?? 0;
  if (found?.isFile() !== true) {
    const fault = found === undefined ? 'broken link' : 'not a regular file';
    return {file, name, bytes, header: undefined, fault};
  }
  try {
    const {openSnapshot} = await import('../../../cluster/snapshot/snapshot-file.js');
    return {file, name, bytes, header: (await openSnapshot(file)).header, fault: ''};
  } catch (error) {
    const isOfFile = error instanceof GatectlError || errorCode(error) !== undefined;
    if (!isOfFile) throw error;
    return {file, name, bytes, header: undefined, fault: errorMessage(error)};
  }
}
