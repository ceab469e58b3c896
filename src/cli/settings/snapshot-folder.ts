import {promises as fs} from 'node:fs';
import path from 'node:path';
import type {ClusterReader, GateOutcome} from '../../cluster/cluster.js';
import type {SnapshotFile} from '../../cluster/snapshot/snapshot-file.js';
import type {SnapshotHeader} from '../../cluster/snapshot/snapshot-header.js';
import {formatTimeSince} from '../../output/text/humanize.js';
import type {CommandContext} from '../command-context.js';
import {notice} from '../show/notices.js';

/** Returns the folder for snapshots that are saved without a file name. */
export const snapshotFolder = (context: Pick<CommandContext, 'deps'>): string =>
  path.join(context.deps.stateFolder, 'snapshots');

/** Returns a path such as `<folder>/prod-20260101T120000Z.jsonl.gz`. */
export function defaultSnapshotPath(folder: string, context: string | null, now: number): string {
  const at = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const name = (context ?? 'cluster').replaceAll(/[^\w.-]/g, '-');
  return path.join(folder, `${name}-${at}.jsonl.gz`);
}

/** Returns the path of a snapshot given by path, or by its name in the snapshot folder, with or without extension. */
async function snapshotPath(name: string, folder: string): Promise<string> {
  if (name.includes(path.sep)) return name;
  for (const file of [name, ...['', '.jsonl', '.jsonl.gz'].map((end) => path.join(folder, name + end))]) {
    if (await fs.stat(file).catch(() => undefined)) return file;
  }
  return name;
}

/** Opens a snapshot given by `--snapshot` or an argument. */
export async function openNamedSnapshot(context: CommandContext, name: string): Promise<SnapshotFile> {
  const {openSnapshot} = await import('../../cluster/snapshot/snapshot-file.js');
  return await openSnapshot(await snapshotPath(name, snapshotFolder(context)));
}

/** Opens a snapshot for commands that read a cluster. Prints its age and source. */
export async function openSnapshotCluster(context: CommandContext, name: string): Promise<ClusterReader> {
  const file = await openNamedSnapshot(context, name);
  const {SnapshotCluster} = await import('../../cluster/snapshot/snapshot-cluster.js');
  const {server, savedAt, where} = file.header;
  const age = formatTimeSince(Date.parse(savedAt) || 0, context.now());
  const chosen = where === null ? '' : `, only sessions where ${where}`;
  await notice(context, `as of ${savedAt} (${age} ago), from ${server}${chosen}`);
  return new SnapshotCluster(file);
}

export const snapshotOutcomes = ({gates}: SnapshotHeader): readonly GateOutcome[] =>
  gates.map(({outcome}) => outcome);
