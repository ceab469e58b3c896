import type {ExitCode} from '../../base/errors.js';
import type {SessionBeforeAfter} from '../../cluster/cluster.js';
import {sessionChangeFields} from '../../presentation/session-change-fields.js';
import type {CommandContext} from '../command-context.js';
import {showItem} from './show-results.js';

/** Shows how a write changed a session, or would change it in a dry run. Adds a real change to the journal draft. */
export async function showChange(
  context: CommandContext,
  change: SessionBeforeAfter,
  {dryRun = false}: {readonly dryRun?: boolean} = {},
): Promise<ExitCode> {
  if (!dryRun) context.journalDraft.addSession(change.node.id, change.before, change.after);
  const {record, ...rest} = sessionChangeFields(change);
  return await showItem(context, {...rest, record: dryRun ? {...record, would: true} : record});
}
