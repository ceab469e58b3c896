import {NegativeError} from '../../../base/errors.js';
import type {LocatedRecord, RecordAccess} from '../../../cluster/cluster.js';
import {formatDuration} from '../../../output/text/humanize.js';
import {recordFields} from '../../../presentation/record-presenter.js';
import type {CommandContext} from '../../command-context.js';
import {parseTimeToLiveMs, parseUid} from '../../line/parsers.js';
import {confirmContextName, confirmWrite} from '../../show/confirm-write.js';
import {showItem} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {
  addBulkRecordFlags,
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
  showRecordDryRun,
  warnUnknownExpiry,
} from './record-flags.js';

interface RecordsExpireInput extends OnlineCheckInput, Omit<BulkRecordInput, 'uid'> {
  /** Uids, then the time to live. */
  readonly args: readonly string[];
  readonly whileOnline?: boolean;
}

export const recordsExpire: Verb<RecordsExpireInput> = {
  examples: [
    'gatectl records expire u42 10m',
    'gatectl records expire - 10m --expect 1204 < uids.txt',
    'gatectl records expire u42 never --store redis://127.0.0.1:6379/0',
  ],
  declare: (command) =>
    addBulkRecordFlags(
      addOnlineCheckFlags(command)
        .usage('<uid> <ttl> | <uid…> <ttl> | - <ttl>')
        .argument(
          '<args...>',
          'user ids (- reads a list from stdin), then a time to live: 30s, 10m, 12h, 7d or never',
        ),
    )
      .option('--while-online', 'allow online users; the gate may extend the expiry')
      .option('--dry-run', 'show the record with its new expiry; write nothing'),
  handlesAbort: ({args, ...input}) => isBulkRecordWrite({...input, uid: args.slice(0, -1)}),
  confirms: true,
  run: async (context, {args, store, offline, whileOnline = false, ...pace}) => {
    const ttl = parseTimeToLiveMs(args.at(-1) ?? '');
    const input = {...pace, store, uid: args.slice(0, -1).map(parseUid)};
    const uid = singleUid(input);
    const options = {ttl, store, offline, whileOnline};
    if (uid === undefined)
      return await runBulkRecordWrite(context, input, await buildExpireWrite(context, options));
    const deps = await expireDeps(context, options);
    const {records} = deps;
    const found = await records.get(uid);
    const asks = context.isInteractive && !context.outputOptions.yes && ttl > 0 && input.dryRun !== true;
    const online = asks && !whileOnline ? await deps.check.gatesWithUser(uid, found) : [];
    const record = await expirable(found, {...deps, whileOnline: whileOnline || asks});
    if (input.dryRun === true)
      return await showRecordDryRun(context, {...record, expiresAt: ttl === 0 ? 0 : context.now() + ttl});
    await confirmExpiry(context, {uid, ttl, online});
    await putExpiry(record, deps);
    const after = await records.get(uid);
    await warnUnknownExpiry(context, after);
    return showItem(context, recordFields(after));
  },
};

interface ExpireOptions extends OnlineCheckInput {
  readonly ttl: number;
  readonly whileOnline: boolean;
}

interface ExpireDeps extends ExpireOptions {
  readonly records: RecordAccess;
  readonly check: OnlineCheck;
}

const expireDeps = async (context: CommandContext, options: ExpireOptions): Promise<ExpireDeps> => ({
  ...options,
  check: new OnlineCheck(context, options),
  records: await context.openRecords(options.store),
});

/** Returns the bulk change of expiry times. */
export async function buildExpireWrite(
  context: CommandContext,
  options: ExpireOptions,
): Promise<RecordsWrite> {
  const deps = await expireDeps(context, options);
  const {ttl, whileOnline, offline = false, store} = options;
  return {
    action: {verb: 'expire'},
    about: {ttl, whileOnline, offline, ...storeArgument(store)},
    destroys: ttl > 0,
    records: deps.records,
    act: async (uid) => {
      await putExpiry(await expirable(await requireRecord(deps.records.get(uid)), deps), deps);
      return {state: 'done'};
    },
  };
}

/** Returns the record. Rejects if its user is online or its bytes can't be decoded. */
async function expirable(record: LocatedRecord, {check, whileOnline}: ExpireDeps): Promise<LocatedRecord> {
  const {uid} = record;
  if (!whileOnline)
    await check.refuseOnline(uid, record, {
      hint: 'the gate may extend the expiry of an online user; to set it anyway',
      retryWith: ['--while-online'],
    });
  if (record.undecodable !== undefined)
    throw new NegativeError(`cannot decode the record of "${uid}": ${record.undecodable}`);
  return record;
}

async function putExpiry(
  {uid, node, value, revision}: LocatedRecord,
  {records, store, ttl}: ExpireDeps,
): Promise<void> {
  await records.put(uid, value, {node: store === undefined ? node : undefined, revision, ttlMs: ttl});
}

/** Asks for confirmation on a terminal, and says there if the user is online. An expiry time is confirmed like a deletion, since it leads to one. */
async function confirmExpiry(
  context: CommandContext,
  {uid, ttl, online}: {readonly uid: string; readonly ttl: number; readonly online: readonly string[]},
): Promise<void> {
  if (ttl === 0) return await confirmContextName(context, `keep the record of uid "${uid}" forever?`);
  if (!context.isInteractive) return;
  const question = `let the record of uid "${uid}" expire in ${formatDuration(ttl)}?`;
  const gates = online.join(', ');
  const lines = online.length === 0 ? [] : [['online', `${gates}; the gate may extend the expiry`] as const];
  await confirmWrite(context, {question, lines, answer: 'yes'});
}
