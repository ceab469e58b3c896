import {type ExitCode, GatectlError, NegativeError, PartialError, UsageError} from '../../../base/errors.js';
import type {LocatedRecord, RecordAccess} from '../../../cluster/cluster.js';
import {missingGatesText} from '../../../cluster/read/gather.js';
import {maskedStoreUrl} from '../../../cluster/records/masked-store-url.js';
import type {RecordDeletion} from '../../../cluster/records/record-access.js';
import {shellLine, shellWord} from '../../../output/text/shell-word.js';
import type {CommandContext} from '../../command-context.js';
import {parseDurationMs} from '../../line/parsers.js';
import {addTapFlag} from '../../line/stock-flags.js';
import {confirmWrite} from '../../show/confirm-write.js';
import {notice, warn} from '../../show/notices.js';
import {reportPartialResult} from '../../show/partial-result.js';
import {showItem} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {
  addBulkRecordArguments,
  type BulkRecordInput,
  isBulkRecordWrite,
  type RecordsWrite,
  requireRecord,
  runBulkRecordWrite,
  singleUid,
  storeArgument,
} from './bulk-records.js';
import {OnlineCheck} from './online-check.js';
import {
  addOnlineCheckFlags,
  type OnlineCheckInput,
  type StoreInput,
  showRecordDryRun,
} from './record-flags.js';

interface RecordsDeleteInput extends OnlineCheckInput, BulkRecordInput {
  readonly revision?: string | undefined;
  readonly kick?: boolean;
  readonly whileOnline?: boolean;
  readonly onlineToo?: boolean;
  readonly wait: number;
}

export const recordsDelete: Verb<RecordsDeleteInput> = {
  examples: [
    'gatectl records delete u42',
    'gatectl records delete u42 --revision 7 --yes',
    'gatectl records delete u42 --kick --yes',
    'gatectl records delete - --yes --expect 1204 --outcome deleted.jsonl < uids.txt',
    'gatectl records delete u42 --store redis://127.0.0.1:6379/0 --offline',
  ],
  declare: (command) =>
    addTapFlag(addOnlineCheckFlags(addBulkRecordArguments(command)))
      .option('--revision <revision>', 'proceed only at this revision (see records get)')
      .option('--kick', "kick the user's sessions first, then delete")
      .option('--while-online', 'allow online users; the gate may write the record again')
      .option('--online-too', 'alias of --while-online')
      .option('--dry-run', 'show the record; delete nothing')
      .option(
        '--wait <duration>',
        'how long to wait for kicked sessions to close (10s)',
        parseDurationMs,
        10_000,
      ),
  handlesAbort: (input) => isBulkRecordWrite(input),
  confirms: true,
  run: async (context, {store, offline, ...input}) => {
    const uid = singleUid(input);
    const whileOnline = input.whileOnline === true || input.onlineToo === true;
    if (whileOnline && input.kick === true)
      throw new UsageError('cannot combine --kick with --while-online: use one of them');
    if (uid === undefined) return await deleteMany(context, {...input, whileOnline, store, offline});
    const check = new OnlineCheck(context, {store, offline, lenient: whileOnline});
    const records = await context.openRecords(store);
    const deps = {context, records, check, input: {...input, whileOnline}};
    if (input.dryRun === true) return await showRecordDryRun(context, await records.get(uid));
    await check.hasGates(); // warns or refuses before the confirmation if no gate can be reached
    if (input.kick !== true && !whileOnline) await refuseWhileOnline(uid, deps);
    const where = store === undefined ? "the gates' storage" : `the store "${maskedStoreUrl(store)}"`;
    const online = whileOnline ? await gatesIfKnown(context, uid, deps) : [];
    await confirmWrite(context, {
      question: `delete the record of uid "${uid}" from ${where}?`,
      ...(online.length === 0
        ? {answer: 'yes', ...(input.kick === true && {lines: [['first', `kick every session of "${uid}"`]]})}
        : {lines: [['online', `on ${online.join(', ')}, ${writesAgain}`]], answer: {token: 'delete'}}),
    });
    const {deletedBy, outcomes} = await deleteRecord(uid, deps);
    context.journalDraft.addChange(`record ${uid}`, {revision: input.revision}, {deletedBy});
    if (online.length > 0) await warnOnline(context, {uid, online, store});
    await verifyStaysDeleted(uid, deps);
    await showItem(context, {
      id: uid,
      fields: [
        ['uid', uid],
        ['deleted by', deletedBy.join(', ')],
      ],
      record: {uid, deletedBy},
    });
    return reportPartialResult(context, outcomes);
  },
};

const writesAgain = 'which writes the record again when the session changes';

/** Names the command that leaves no session to write the record again. */
async function warnOnline(
  context: CommandContext,
  {uid, online, store}: StoreInput & {readonly uid: string; readonly online: readonly string[]},
): Promise<void> {
  const instead = shellLine(['gatectl', 'records', 'delete', uid, '--kick', ...storeWords(store)]);
  await warn(
    context,
    `"${uid}" is online on ${online.join(', ')}, ${writesAgain}; to prevent that: ${instead}`,
  );
}

const storeWords = (store: string | undefined): readonly string[] =>
  store === undefined ? [] : ['--store', maskedStoreUrl(store)];

interface DeleteDeps {
  readonly context: CommandContext;
  readonly records: RecordAccess;
  readonly check: OnlineCheck;
  readonly input: Pick<RecordsDeleteInput, 'kick' | 'whileOnline' | 'revision' | 'wait'>;
}

/** With `--kick`, kicks the user's sessions; without a flag, refuses if the user is online. Then deletes the record. */
async function deleteRecord(uid: string, deps: DeleteDeps): Promise<RecordDeletion> {
  const {
    records,
    check,
    input: {kick = false, whileOnline = false, revision, wait},
  } = deps;
  if (kick) await kickSessions(deps.context, {uid, records, check, waitMs: wait});
  else if (!whileOnline) await refuseWhileOnline(uid, deps);
  return await records.delete(uid, revision);
}

/** With `--kick` or `--while-online`, rejects if a gate has written the record again. */
async function verifyStaysDeleted(uid: string, {records, input}: DeleteDeps): Promise<void> {
  const {kick = false, whileOnline = false} = input;
  if (kick || whileOnline)
    await verifyDeleted(uid, records, kick ? 'the user has reconnected' : 'kick the user first: --kick');
}

/** Returns the gates on which the user is online. If a gate does not answer, warns and returns a text for it. */
async function gatesIfKnown(
  context: CommandContext,
  uid: string,
  {check, records}: DeleteDeps,
): Promise<readonly string[]> {
  try {
    return await check.gatesWithUser(uid, await readIfPossible(records, uid));
  } catch (error) {
    if (!(error instanceof PartialError)) throw error;
    await warn(context, error.message);
    return ['a gate that does not answer, perhaps'];
  }
}

async function refuseWhileOnline(uid: string, {records, check}: DeleteDeps): Promise<void> {
  await check.refuseOnline(uid, await readIfPossible(records, uid), {
    hint: 'pass --kick to close the sessions first',
    retryWith: ['--kick'],
  });
}

async function deleteMany(context: CommandContext, input: RecordsDeleteInput): Promise<ExitCode> {
  if (input.revision !== undefined)
    throw new UsageError('--revision requires a single uid: every record has its own revision');
  return await runBulkRecordWrite(context, input, await buildDeleteWrite(context, input));
}

/** Returns the bulk deletion of records. Warns or refuses if no gate can be asked who is online. */
export async function buildDeleteWrite(
  context: CommandContext,
  {
    store,
    offline = false,
    kick = false,
    whileOnline = false,
    wait,
  }: OnlineCheckInput & Pick<RecordsDeleteInput, 'kick' | 'whileOnline' | 'wait'>,
): Promise<RecordsWrite> {
  const check = new OnlineCheck(context, {store, offline});
  const records = await context.openRecords(store);
  await check.hasGates();
  const deps = {context, records, check, input: {kick, whileOnline, wait}};
  return {
    action: {verb: 'delete'},
    about: {kick, offline, ...(whileOnline && {whileOnline}), ...storeArgument(store)},
    destroys: true,
    records,
    act: async (uid) => {
      await requireRecord(records.get(uid));
      const {outcomes} = await deleteRecord(uid, deps);
      await verifyStaysDeleted(uid, deps);
      return outcomes.every(({status}) => status === 'ok')
        ? {state: 'done'}
        : {state: 'pending', detail: missingGatesText(outcomes)};
    },
  };
}

/** Reads the record. Returns undefined if it is missing or unreadable: an unreadable record can still be deleted. */
async function readIfPossible(records: RecordAccess, uid: string): Promise<LocatedRecord | undefined> {
  return await records.get(uid).catch((error: unknown) => {
    if (error instanceof GatectlError) return undefined;
    throw error;
  });
}

interface KickOptions {
  readonly uid: string;
  readonly records: RecordAccess;
  readonly check: OnlineCheck;
  readonly waitMs: number;
}

/** Kicks the user's sessions, because their next settings change would recreate the record. */
async function kickSessions(
  context: CommandContext,
  {uid, records, check, waitMs}: KickOptions,
): Promise<void> {
  const record = await readIfPossible(records, uid);
  if ((await check.gatesWithUser(uid, record)).length === 0) return;
  const cluster = await context.openCluster();
  const found = await cluster.find(uid, {stock: {records}}); // stock gates find the session through its record
  for (const [node, rows] of found.results) {
    for (const {session} of rows) {
      const {state} = await cluster.kick(`${node}/${session.sessionId}`, {waitMs});
      await notice(context, `${node}/${session.sessionId} ${state}`);
    }
  }
  const left = await check.gatesWithUser(uid, record);
  if (left.length === 0) return;
  throw new PartialError(`"${uid}" is still online on ${left.join(', ')}; nothing was deleted`, {
    hint: `to find the session when it sends a request: gatectl sessions find ${shellWord(uid)} --tap 30s; then kick it`,
  });
}

async function verifyDeleted(uid: string, records: RecordAccess, hint: string): Promise<void> {
  const again = await records.get(uid).catch((error: unknown) => {
    if (error instanceof NegativeError) return undefined;
    throw error;
  });
  if (again === undefined) return;
  throw new PartialError(`the record of "${uid}" was deleted, then recreated by ${again.session?.serverId}`, {
    hint,
  });
}
