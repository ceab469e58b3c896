import type {ExitCode} from '../../base/errors.js';
import type {CommandContext} from '../command-context.js';
import {showOne} from '../show/show-results.js';
import type {BulkInput} from './bulk-flags.js';

/**
 * Handles `--dry-run` for one named session: locates and shows it, and sends nothing. Resolves with undefined without
 * `--dry-run`.
 */
export async function dryRunOne(
  context: CommandContext,
  reference: string,
  input: Pick<BulkInput, 'dryRun'>,
): Promise<ExitCode | undefined> {
  if (input.dryRun !== true) return undefined;
  const cluster = await context.openCluster();
  const {node, session} = await cluster.locate(reference, {allowPrefix: context.isInteractive});
  const {sessionId, userId} = session;
  return await showOne(context, {
    id: sessionId,
    fields: [
      ['id', sessionId],
      ['gate', node.id],
      ['uid', userId],
    ],
    record: {id: sessionId, gate: node.id, uid: userId, would: true},
  });
}
