import {type ExitCode, UsageError} from '../../base/errors.js';
import type {CommandContext} from '../command-context.js';
import {showOne} from '../show/show-results.js';
import type {BulkInput} from './bulk-flags.js';

/**
 * `--dry-run` where one session was named: finds it and shows on whom the command would act; nothing is sent.
 * Undefined when the command is to go on.
 */
export async function dryRunOne(
  context: CommandContext,
  reference: string,
  input: Pick<BulkInput, 'dryRun' | 'plan'>,
): Promise<ExitCode | undefined> {
  if (input.plan !== undefined) {
    throw new UsageError(`--plan is for many sessions, and "${reference}" is one`, {
      hint: 'select them: --where, --uid …; or --dry-run for this one',
    });
  }
  if (input.dryRun !== true) return undefined;
  const cluster = await context.openCluster();
  const {node, session} = await cluster.locate(reference, {allowPrefix: context.isInteractive});
  const {sessionId, userId} = session;
  return await showOne(context, {
    id: sessionId,
    fields: [
      ['session', sessionId],
      ['gate', node.id],
      ['uid', userId],
    ],
    record: {id: sessionId, gate: node.id, uid: userId, would: true},
  });
}
