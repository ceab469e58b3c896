import type {ExitCode} from '../../base/errors.js';
import type {CatalogueEntry} from '../catalogue.js';
import type {CommandContext} from '../command-context.js';
import {checkPermitted} from './guard.js';

/** What a command does. It calls `begin` before it reaches out for anything. */
export type GuardedRun = (begin: () => Promise<void>) => Promise<ExitCode>;

/** Does what a command is there for, if it may; a write stands in the journal before and after, also when refused. */
export async function runGuarded(
  entry: CatalogueEntry,
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
