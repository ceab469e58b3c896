import {NegativeError} from '../../../base/errors.js';
import type {LocatedRecord, Records} from '../../../cluster/cluster.js';
import {duration} from '../../../output/text/humanize.js';
import {recordFields} from '../../../presentation/record-presenter.js';
import type {CommandContext} from '../../command-context.js';
import {parseTimeToLive, parseUid} from '../../line/parsers.js';
import {confirmName, confirmWrite} from '../../show/confirm-write.js';
import {showOne} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {
  isManyRecords,
  type ManyRecordsInput,
  onlyUid,
  orNoRecord,
  withRecordFlags,
  writeRecords,
} from './many-records.js';
import {OnlineCheck} from './online-check.js';
import {
  type OnlineCheckInput,
  showDryRun,
  warnUnknownExpiry,
  withOnlineCheckFlags,
} from './record-options.js';

interface RecordsExpireInput extends OnlineCheckInput, Omit<ManyRecordsInput, 'uid'> {
  /** Uids, then the time to live. */
  readonly word: readonly string[];
  readonly whileOnline?: boolean;
}

export const recordsExpire: Verb<RecordsExpireInput> = {
  examples: [
    'gatectl records expire u42 10m',
    'gatectl records expire - 10m --expect 1204 < uids.txt',
    'gatectl records expire u42 never --store redis://127.0.0.1:6379/0',
  ],
  declare: (command) =>
    withRecordFlags(
      withOnlineCheckFlags(command)
        .usage('<uid> <ttl> | <uid…> <ttl> | - <ttl>')
        .argument(
          '<word...>',
          'user ids, - for a list on stdin, and a time to live: 30s, 10m, 12h, 7d or never',
        ),
    )
      .option('--while-online', 'allow online users; the gate may extend the expiry')
      .option('--dry-run', 'show the record with its new expiry; write nothing'),
  handlesAbort: ({word, ...input}) => isManyRecords({...input, uid: word.slice(0, -1)}),
  confirms: true,
  run: async (context, {word, store, offline, whileOnline = false, ...pace}) => {
    const ttl = parseTimeToLive(word.at(-1) ?? '');
    const input = {...pace, store, uid: word.slice(0, -1).map(parseUid)};
    const uid = onlyUid(input);
    const check = new OnlineCheck(context, {store, offline});
    const records = await context.openRecords(store);
    const deps = {records, check, whileOnline, store, ttl};
    if (uid === undefined) {
      const write = {action: {verb: 'expire'}, about: {ttl}, destroys: ttl > 0} as const;
      return await writeRecords(context, input, write, async (one) => {
        await putExpiry(await expirable(await orNoRecord(records.get(one)), deps), deps);
        return {state: 'done'};
      });
    }
    const record = await expirable(await records.get(uid), deps);
    if (input.dryRun === true)
      return await showDryRun(context, {...record, expiresAt: ttl === 0 ? 0 : context.now() + ttl});
    await confirmExpiry(context, uid, ttl);
    await putExpiry(record, deps);
    const after = await records.get(uid);
    await warnUnknownExpiry(context, after);
    return showOne(context, recordFields(after));
  },
};

interface ExpireDeps {
  readonly records: Records;
  readonly check: OnlineCheck;
  readonly whileOnline: boolean;
  readonly store: string | undefined;
  readonly ttl: number;
}

/** Rejects if the user of the record is online or its bytes can't be decoded. */
async function expirable(record: LocatedRecord, {check, whileOnline}: ExpireDeps): Promise<LocatedRecord> {
  const {uid} = record;
  if (!whileOnline)
    await check.refuseOnline(
      uid,
      record,
      `pass --while-online, or kick the user first: gatectl sessions find ${uid}`,
    );
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

/** Asks on a terminal before a record gets an end, since it is then deleted. */
async function confirmExpiry(context: CommandContext, uid: string, ttl: number): Promise<void> {
  if (ttl === 0) return await confirmName(context, `keep the record of uid "${uid}" for ever?`);
  if (!context.isInteractive) return;
  const question = `let the record of uid "${uid}" be deleted in ${duration(ttl)}?`;
  await confirmWrite(context, {question, answer: 'yes'});
}
