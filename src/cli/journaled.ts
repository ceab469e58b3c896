import {randomUUID} from 'node:crypto';
import {type ExitCode, exitCodeFor, UsageError} from '../errors.js';
import type {CatalogueEntry} from './catalogue.js';
import {withoutUserinfo} from './connection-options.js';
import type {CommandContext} from './context.js';
import type {Result} from './journal.js';
import {journaledInput} from './journal-input.js';
import {warn} from './talk.js';

/**
 * Runs a command between its two lines in the journal. The first has to be written, or nothing is done; when the second
 * cannot be, what was done is done, and that is said.
 */
export async function journaled(
  entry: CatalogueEntry,
  context: CommandContext,
  input: Readonly<Record<string, unknown>>,
  run: () => Promise<ExitCode>,
): Promise<ExitCode> {
  const {journal, actor} = context.host;
  const {server, context: named, requireReason} = await context.connection();
  const {reason} = context.manners;
  if (requireReason !== undefined && reason === undefined) {
    throw new UsageError(`"${entry.path}" writes, and ${requireReason.where} wants a reason`, {
      hint: 'give it: --reason "ticket 4711"',
    });
  }
  const started = context.now();
  const id = randomUUID();
  await journal.append({
    version: 1,
    id,
    phase: 'intent',
    at: new Date(started).toISOString(),
    actor,
    context: named?.value ?? null,
    server: withoutUserinfo(server.value),
    command: entry.path,
    input: journaledInput(entry.path, input),
    reason: reason ?? null,
  });
  const end = async (result: Pick<Result, 'exitCode' | 'error'>): Promise<void> => {
    const {changes, counts} = context.notes;
    const now = context.now();
    await journal.append({
      version: 1,
      id,
      phase: 'result',
      at: new Date(now).toISOString(),
      ms: now - started,
      ...result,
      ...(changes.length === 0 ? {} : {changes}),
      ...(counts === undefined ? {} : {counts}),
    });
  };
  let code: ExitCode;
  try {
    code = await run();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await end({exitCode: exitCodeFor(error), error: message.slice(0, 2048)}).catch((failure: unknown) =>
      warn(context, `the outcome is not in the journal: ${String(failure)}`),
    );
    throw error;
  }
  await end({exitCode: code});
  return code;
}

/** Writes down that a write was refused, where that can be done, and throws what refused it. */
export async function journaledRefusal(
  entry: CatalogueEntry,
  context: CommandContext,
  input: Readonly<Record<string, unknown>>,
  refusal: unknown,
): Promise<never> {
  await journaled(entry, context, input, () => Promise.reject(refusal)).catch(() => {});
  throw refusal;
}
