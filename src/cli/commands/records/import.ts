import {
  ConflictError,
  ExitCode,
  exitCodeFor,
  GatectlError,
  NegativeError,
  OutcomeUnknownError,
  UsageError,
} from '../../../base/errors.js';
import type {RecordAccess} from '../../../cluster/cluster.js';
import {maxTargetsWithoutTypedConfirmation} from '../../../cluster/write/bulk-limits.js';
import {formatPlural} from '../../../output/text/humanize.js';
import type {CommandContext} from '../../command-context.js';
import {readFileArgument} from '../../line/message-body.js';
import {parseTimeToLiveMs} from '../../line/parsers.js';
import {maskUrlCredentials} from '../../settings/connection-settings.js';
import {confirmContextName, confirmWrite} from '../../show/confirm-write.js';
import {notice, warn} from '../../show/notices.js';
import {showItem} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {type ImportedRecord, parseImportLines} from './import-lines.js';
import {OnlineCheck} from './online-check.js';
import {addOnlineCheckFlags, type OnlineCheckInput, warnUnknownExpiry} from './record-flags.js';

interface RecordsImportInput extends OnlineCheckInput {
  readonly file: string;
  readonly overwrite?: boolean;
  readonly ttl?: number;
  readonly whileOnline?: boolean;
  readonly dryRun?: boolean;
}

const maxInputBytes = 256 * 1024 * 1024;

export const recordsImport: Verb<RecordsImportInput> = {
  examples: [
    'gatectl records import records.jsonl --store redis://127.0.0.1:6379/0',
    'gatectl records export | gatectl records import - --overwrite --store jetstream://sessions',
  ],
  declare: (command) =>
    addOnlineCheckFlags(command)
      .argument('<file>', 'JSON lines written by "records export"; - reads stdin')
      .option('--overwrite', 'replace existing records')
      .option('--while-online', 'include online users; gates may overwrite their records')
      .option('--ttl <ttl>', 'time to live if the export has none: 10m, 7d or never', parseTimeToLiveMs)
      .option('--dry-run', 'check the file and count its records; write nothing'),
  confirms: true,
  run: async (context, input) => {
    const {file, ttl, store, offline, dryRun = false} = input;
    const bytes =
      file === '-' ? await context.io.in.readAll(maxInputBytes) : await readFileArgument(file, maxInputBytes);
    const source = file === '-' ? 'stdin' : `"${file}"`;
    const {lines, isIncomplete} = await parseImportLines(bytes, source, context.now());
    if (store === undefined) await refuseUnsupportedByGates(lines);
    const check = new OnlineCheck(context, {store, offline, lenient: true});
    if (isIncomplete)
      await warn(context, 'the export is incomplete: its summary says that records are missing');
    await warnUnknownExpiries(context, lines, ttl);
    if (dryRun) return await showCounts(context, lines);
    await confirmImport(context, input, lines.length);
    return await importRecords(context, input, {lines, check, records: await context.openRecords(store)});
  },
};

interface ImportRun {
  readonly lines: readonly ImportedRecord[];
  readonly check: OnlineCheck;
  readonly records: RecordAccess;
}

async function importRecords(
  context: CommandContext,
  {overwrite = false, whileOnline = false, ttl, store}: RecordsImportInput,
  {lines, check, records}: ImportRun,
): Promise<ExitCode> {
  const counts = {imported: 0, kept: 0, failed: 0, unknown: 0, expired: 0};
  const codes = new Set<ExitCode>();
  let last: string | undefined;
  const isExpired = ({ttlMs = ttl ?? 0}: ImportedRecord): boolean => ttlMs < 0;
  const write = async ({uid, value, stored, ttlMs = ttl}: ImportedRecord): Promise<unknown> => {
    try {
      if (!whileOnline) await check.refuseOnline(uid, undefined, {hint: 'pass --while-online'});
      await records.put(uid, value, {ttlMs, stored, ...(overwrite ? {} : {revision: ''})});
      return undefined;
    } catch (error) {
      return error;
    }
  };
  for (const some of distinctBatches(lines)) {
    context.signal.throwIfAborted();
    // a store drops an expired record at once, and the existing record with it
    const current = some.filter((line) => !isExpired(line));
    counts.expired += some.length - current.length;
    for (const [at, error] of (await Promise.all(current.map(write))).entries()) {
      const {uid = ''} = current[at] ?? {};
      if (error === undefined) {
        counts.imported += 1;
        last = uid;
        continue;
      }
      await reportFailure(context, uid, error);
      if (error instanceof ConflictError) counts.kept += 1;
      else if (error instanceof OutcomeUnknownError) counts.unknown += 1;
      else {
        counts.failed += 1;
        codes.add(exitCodeFor(error));
      }
    }
  }
  if (counts.expired > 0)
    await notice(context, `${formatPlural(counts.expired, 'record')} expired since the export: not imported`);
  if (last !== undefined && store === undefined) await warnHandlerExpiry(context, records, last);
  const {expired: _, ...tried} = counts;
  await showItem(context, {
    id: '',
    fields: Object.entries(tried).map(([name, count]) => [name, String(count)] as const),
    record: counts,
  });
  return importExitCode(counts, codes);
}

/** Maximum number of records written concurrently. */
const concurrentWrites = 100;

/** Splits the lines into batches without a repeated uid: if a uid has several lines, the last one must be written last. */
function* distinctBatches(
  lines: readonly ImportedRecord[],
): Generator<readonly ImportedRecord[], void, undefined> {
  let batch = new Map<string, ImportedRecord>();
  for (const line of lines) {
    if (batch.size >= concurrentWrites || batch.has(line.uid)) {
      yield [...batch.values()];
      batch = new Map();
    }
    batch.set(line.uid, line);
  }
  yield [...batch.values()];
}

async function showCounts(context: CommandContext, lines: readonly ImportedRecord[]): Promise<ExitCode> {
  const expired = lines.filter(({ttlMs = 0}) => ttlMs < 0).length;
  const counts = {records: lines.length - expired, expired};
  await showItem(context, {
    id: '',
    fields: Object.entries(counts).map(([name, count]) => [name, String(count)] as const),
    record: {would: 'import', ...counts},
  });
  await notice(context, 'nothing was written');
  return ExitCode.done;
}

/** Asks for a typed phrase above the same number of targets as other bulk writes. Below it, asks only in a protected context. */
async function confirmImport(
  context: CommandContext,
  {store, overwrite = false}: RecordsImportInput,
  count: number,
): Promise<void> {
  const where = store === undefined ? "the gates' storage" : `the store "${maskUrlCredentials(store)}"`;
  const how = overwrite ? ', replacing existing ones' : '';
  const question = `import ${formatPlural(count, 'record')} into ${where}${how}?`;
  if (count <= maxTargetsWithoutTypedConfirmation) return await confirmContextName(context, question);
  await confirmWrite(context, {question, answer: {token: `import ${count}`}});
}

const sharedFailureCodes: readonly (ExitCode | undefined)[] = [ExitCode.unreachable, ExitCode.notPermitted];

/** Returns the exit code. `codes` holds the codes of all failures; if nothing was imported and they agree, that code is used. */
function importExitCode(
  {imported, kept, failed, unknown}: Readonly<Record<'imported' | 'kept' | 'failed' | 'unknown', number>>,
  codes: ReadonlySet<ExitCode>,
): ExitCode {
  if (unknown > 0) return ExitCode.outcomeUnknown;
  const [code = ExitCode.partial] = codes;
  if (failed > 0 && imported + kept === 0 && codes.size === 1 && sharedFailureCodes.includes(code))
    return code;
  if (failed > 0) return ExitCode.partial;
  return kept > 0 ? ExitCode.conflict : ExitCode.done;
}

/** Rejects with UsageError for a record that gates can't store: undecodable, or with members other than a session's. */
async function refuseUnsupportedByGates(lines: readonly ImportedRecord[]): Promise<void> {
  const {nonSessionMembers} = await import('../../../cluster/records/non-session-members.js');
  const hint = 'nothing was written; to import it directly: --store <url>';
  for (const {uid, undecodable, stored} of lines) {
    if (undecodable !== undefined)
      throw new UsageError(`cannot decode the record of "${uid}": ${undecodable}`, {hint});
    const [first] = nonSessionMembers(stored);
    if (first !== undefined)
      throw new UsageError(`the record of "${uid}" has a member that gates don't support: "${first}"`, {
        hint,
      });
  }
}

async function warnUnknownExpiries(
  context: CommandContext,
  lines: readonly ImportedRecord[],
  ttl: number | undefined,
): Promise<void> {
  const unknown = lines.filter(({ttlMs}) => ttlMs === undefined).length;
  if (unknown === 0 || ttl !== undefined) return;
  await warn(
    context,
    `the export has no expiry for ${formatPlural(unknown, 'record')}: existing records keep theirs, new ones get the store's default; to set one: --ttl`,
  );
}

/** Warns about an unknown expiry. Checks one record only, because all go through the same storage handler. */
async function warnHandlerExpiry(context: CommandContext, records: RecordAccess, uid: string): Promise<void> {
  try {
    await warnUnknownExpiry(context, await records.get(uid));
  } catch (error) {
    if (!(error instanceof GatectlError)) throw error; // otherwise ignored: the import itself succeeded
  }
}

async function reportFailure(context: CommandContext, uid: string, error: unknown): Promise<void> {
  if (!(error instanceof GatectlError)) throw error;
  if (error instanceof ConflictError)
    await notice(context, `kept the existing record of "${uid}": ${error.message}`);
  else if (error instanceof NegativeError)
    await warn(context, `not imported: ${error.message}; to include online users: --while-online`);
  else await warn(context, `"${uid}" was not imported: ${error.message}`);
}
