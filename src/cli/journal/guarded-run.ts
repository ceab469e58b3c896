import type {ExitCode} from '../../base/errors.js';
import type {CommandContext} from '../command-context.js';
import type {CommandIdentity} from '../command-identity.js';
import {checkPermitted} from './guard.js';
import type {GuardedRun} from './journaled-run.js';

/** Runs a command if it is permitted. Writes are journaled before and after, refused writes too. */
export async function runGuarded(
  entry: CommandIdentity,
  context: CommandContext,
  input: Readonly<Record<string, unknown>>,
  run: GuardedRun,
): Promise<ExitCode> {
  if (entry.risk === 'read') return await run(async () => {});
  const {runJournaled, journalAndThrow} = await import('./journaled-run.js');
  const sendsNothing = input['dryRun'] === true || input['plan'] !== undefined;
  const allowed = checkPermitted(entry, context, {sendsNothing});
  await allowed.catch((error: unknown) => journalAndThrow(entry, context, input, error));
  return await runJournaled(entry, context, input, run);
}
