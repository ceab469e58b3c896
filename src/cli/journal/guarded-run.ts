import {type ExitCode, PermissionError, UsageError} from '../../base/errors.js';
import type {CommandContext} from '../command-context.js';
import type {CommandIdentity} from '../command-identity.js';
import type {GuardedWork} from './journaled-run.js';

/** Who asks for confirmation: `runGuarded` (`not yet`), the command once it knows its targets (`itself`), or nobody (`done`). */
type Confirmation = 'not yet' | 'itself' | 'done';

/** Runs a command if it is permitted. Writes are journaled before and after; refused writes are journaled, too. */
export async function runGuarded(
  entry: CommandIdentity,
  context: CommandContext,
  input: Readonly<Record<string, unknown>>,
  run: GuardedWork,
  confirmation: Confirmation,
): Promise<ExitCode> {
  if (entry.risk === 'read') return await run(async () => {});
  const {runJournaled, journalRefusal} = await import('./journaled-run.js');
  const sendsNothing = input['dryRun'] === true || input['plan'] !== undefined;
  const allowed = checkPermitted(entry, context, sendsNothing ? 'done' : confirmation);
  await allowed.catch((error: unknown) => journalRefusal(entry, context, input, error));
  return await runJournaled(entry, context, input, run);
}

/** Rejects with PermissionError or UsageError if the command may not run, before it opens anything. No other code checks this. */
async function checkPermitted(
  entry: CommandIdentity,
  context: CommandContext,
  confirmation: Confirmation,
): Promise<void> {
  if (entry.risk === 'read') return;
  const {snapshot} = context.outputOptions;
  if (snapshot !== undefined) {
    throw new PermissionError(`cannot run "${entry.path}": the snapshot "${snapshot}" is read-only`, {
      hint: 'remove --snapshot, and unset GATECTL_SNAPSHOT',
    });
  }
  const {readOnly} = await context.connection();
  if (readOnly !== undefined) {
    throw new PermissionError(`cannot run "${entry.path}": read-only is set by ${readOnly.source}`, {
      hint: 'gatectl itself enforces read-only mode: to write, remove the setting',
    });
  }
  if (
    entry.risk === 'destroy' &&
    confirmation === 'not yet' &&
    !context.outputOptions.yes &&
    !context.isInteractive
  ) {
    throw new UsageError(`cannot confirm "${entry.path}": no terminal to ask on`, {
      hint: 'pass --yes to run it without confirmation',
      retryWith: ['--yes'],
    });
  }
  if (confirmation === 'done') return;
  const {checkProtectedContext, confirmContextName} = await import('../show/confirm-write.js');
  await checkProtectedContext(context, entry.path);
  if (confirmation === 'not yet')
    await confirmContextName(context, `run "${entry.path}" on a protected cluster?`);
}
