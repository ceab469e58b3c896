import {type ExitCode, PermissionError, UsageError} from '../../base/errors.js';
import type {CommandContext} from '../command-context.js';
import type {CommandIdentity} from '../command-identity.js';
import type {GuardedRun} from './journaled-run.js';

/**
 * Runs a command if it is permitted. Writes are journaled before and after, refused writes too. `isConfirmed`: the caller
 * has asked for confirmation itself.
 */
export async function runGuarded(
  entry: CommandIdentity,
  context: CommandContext,
  input: Readonly<Record<string, unknown>>,
  run: GuardedRun,
  {isConfirmed = false}: {readonly isConfirmed?: boolean} = {},
): Promise<ExitCode> {
  if (entry.risk === 'read') return await run(async () => {});
  const {runJournaled, journalAndThrow} = await import('./journaled-run.js');
  const sendsNothing = input['dryRun'] === true || input['plan'] !== undefined;
  const allowed = checkPermitted(entry, context, {sendsNothing, isConfirmed});
  await allowed.catch((error: unknown) => journalAndThrow(entry, context, input, error));
  return await runJournaled(entry, context, input, run);
}

/** Refuses a command that may not run, before it opens anything. This is the only such check. */
async function checkPermitted(
  entry: CommandIdentity,
  context: CommandContext,
  {sendsNothing, isConfirmed}: {readonly sendsNothing: boolean; readonly isConfirmed: boolean},
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
      hint: 'gatectl itself enforces read-only: remove it where it was set',
    });
  }
  if (entry.risk === 'destroy' && !sendsNothing && !context.outputOptions.yes && !context.isInteractive) {
    throw new UsageError(`cannot confirm "${entry.path}": there is no terminal to ask on`, {
      hint: 'pass --yes to run it without a confirmation',
    });
  }
  if (sendsNothing || isConfirmed) return;
  const {confirmProtected} = await import('../show/confirm-write.js');
  await confirmProtected(context, entry.path);
}
