import {ExitCode, NegativeError, UidAsSessionError} from '../../base/errors.js';
import type {Cluster} from '../../cluster/cluster.js';
import type {CommandContext} from '../command-context.js';
import {notice} from '../show/notices.js';
import {showItem} from '../show/show-results.js';
import type {BulkSessionInput} from './bulk-flags.js';

/**
 * Writes to one session. With `--dry-run`, locates and shows the session and sends nothing. With `--ignore-missing`, returns
 * exit code 0 if the session does not exist.
 */
export async function writeToSession(
  context: CommandContext,
  reference: string,
  {dryRun, ignoreMissing}: Pick<BulkSessionInput, 'dryRun' | 'ignoreMissing'>,
  write: (cluster: Cluster) => Promise<ExitCode>,
): Promise<ExitCode> {
  const cluster = await context.openCluster();
  try {
    return dryRun === true ? await showTarget(context, cluster, reference) : await write(cluster);
  } catch (error) {
    // NegativeError means that every gate answered. A uid without "uid:" is a typing mistake, not a missing session.
    const isMissing = error instanceof NegativeError && !(error instanceof UidAsSessionError);
    if (ignoreMissing !== true || !isMissing) throw error;
    await notice(context, error.message);
    return ExitCode.done;
  }
}

async function showTarget(context: CommandContext, cluster: Cluster, reference: string): Promise<ExitCode> {
  const {node, session} = await cluster.locate(reference, {allowPrefix: context.allowsPrefix});
  const {sessionId, userId} = session;
  return await showItem(context, {
    id: sessionId,
    fields: [
      ['id', sessionId],
      ['gate', node.id],
      ['uid', userId],
    ],
    record: {id: sessionId, gate: node.id, uid: userId, would: true},
  });
}
