import type {ExitCode} from '../errors.js';
import type {CatalogueEntry} from './catalogue.js';
import type {CommandContext} from './context.js';
import {guard} from './guard.js';

/** What a command does. It calls `begin` before it reaches out for anything. */
export type GuardedRun = (begin: () => Promise<void>) => Promise<ExitCode>;

/** Does what a command is there for, if it may; a write stands in the journal before and after, also when refused. */
export async function guarded(
  entry: CatalogueEntry,
  context: CommandContext,
  input: Readonly<Record<string, unknown>>,
  run: GuardedRun,
): Promise<ExitCode> {
  if (entry.risk === 'read') return await run(async () => {});
  const {journaled, journaledRefusal} = await import('./journaled.js');
  const sendsNothing = input['dryRun'] === true || input['plan'] !== undefined;
  const allowed = guard(entry, context, {sendsNothing});
  await allowed.catch((error: unknown) => journaledRefusal(entry, context, input, error));
  return await journaled(entry, context, input, run);
}
