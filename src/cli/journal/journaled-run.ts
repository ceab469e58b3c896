import {randomUUID} from 'node:crypto';
import {errorMessage} from '../../base/error-details.js';
import {type ExitCode, exitCodeFor, UsageError} from '../../base/errors.js';
import type {CommandContext} from '../command-context.js';
import type {CommandIdentity} from '../command-identity.js';
import {maskUrlCredentials} from '../settings/connection-settings.js';
import {warn} from '../show/notices.js';
import type {JournalIntent, JournalResult} from './journal.js';
import {maskJournalInput} from './journal-input.js';

/** Runs a command's work. It calls `begin` before connecting to anything. */
export type GuardedWork = (begin: () => Promise<void>) => Promise<ExitCode>;

/**
 * Runs a command between its two journal lines. If the first line can't be written, nothing is sent. If the second can't be
 * written, warns, because the write has already happened. A usage error before the first line is not journaled.
 */
export async function runJournaled(
  entry: CommandIdentity,
  context: CommandContext,
  input: Readonly<Record<string, unknown>>,
  run: GuardedWork,
): Promise<ExitCode> {
  await checkReasonGiven(entry, context);
  const lines = journalLines(entry, context, input);
  let code: ExitCode;
  try {
    code = await run(lines.begin);
  } catch (error) {
    if (lines.failed || (!lines.begun && error instanceof UsageError)) throw error;
    const message = errorMessage(error);
    const written = lines.end({exitCode: exitCodeFor(error), error: message.slice(0, 2048)});
    await written.catch((failure: unknown) =>
      warn(context, `cannot journal the outcome: ${String(failure)}`),
    );
    throw error;
  }
  await lines.end({exitCode: code});
  return code;
}

async function checkReasonGiven(entry: CommandIdentity, context: CommandContext): Promise<void> {
  const {requireReason} = await context.connection();
  if (requireReason === undefined || context.outputOptions.reason !== undefined) return;
  throw new UsageError(`missing reason for "${entry.path}": required by ${requireReason.source}`, {
    hint: 'give a reason, for example --reason "ticket 4711"',
  });
}

interface JournalLines {
  readonly begun: boolean;
  /** Whether the intent could not be written to the journal. */
  readonly failed: boolean;
  /** Writes the intent, once. */
  begin(): Promise<void>;
  /** Writes the result, and first the intent if it has not been written. */
  end(result: Pick<JournalResult, 'exitCode' | 'error'>): Promise<void>;
}

function journalLines(
  entry: CommandIdentity,
  context: CommandContext,
  input: Readonly<Record<string, unknown>>,
): JournalLines {
  const {journal} = context.deps;
  const started = context.now();
  const id = randomUUID();
  let first: Promise<void> | undefined;
  let failed = false;
  const begin = (): Promise<void> => {
    first ??= journalIntent(entry, context, input, {id, started})
      .then((intent) => journal.append(intent))
      .catch((error: unknown) => {
        failed = true;
        throw error;
      });
    return first;
  };
  return {
    get begun() {
      return first !== undefined;
    },
    get failed() {
      return failed;
    },
    begin,
    async end(result) {
      await begin();
      await journal.append(journalResult(context, {id, started}, result));
    },
  };
}

interface Run {
  readonly id: string;
  readonly started: number;
}

async function journalIntent(
  entry: CommandIdentity,
  context: CommandContext,
  input: Readonly<Record<string, unknown>>,
  {id, started}: Run,
): Promise<JournalIntent> {
  const {server, contextName = null} = await context.connection();
  return {
    version: 1,
    id,
    phase: 'intent',
    at: new Date(started).toISOString(),
    actor: context.deps.actor,
    context: contextName,
    server: maskUrlCredentials(server.value),
    command: entry.path,
    input: maskJournalInput(entry.path, input),
    reason: context.outputOptions.reason ?? null,
  };
}

function journalResult(
  {journalDraft, now}: CommandContext,
  {id, started}: Run,
  result: Pick<JournalResult, 'exitCode' | 'error'>,
): JournalResult {
  const {changes, counts} = journalDraft;
  const at = now();
  return {
    version: 1,
    id,
    phase: 'result',
    at: new Date(at).toISOString(),
    ms: at - started,
    ...result,
    ...(changes.length === 0 ? {} : {changes}),
    ...(counts === undefined ? {} : {counts}),
  };
}

/** Tries to journal a refused write, then throws the refusal. */
export async function journalRefusal(
  entry: CommandIdentity,
  context: CommandContext,
  input: Readonly<Record<string, unknown>>,
  refusal: unknown,
): Promise<never> {
  const refused: GuardedWork = async (begin) => {
    await begin();
    throw refusal;
  };
  await runJournaled(entry, context, input, refused).catch(() => {});
  throw refusal;
}
