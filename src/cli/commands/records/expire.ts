import {NegativeError} from '../../../base/errors.js';
import {duration} from '../../../output/text/humanize.js';
import {recordFields} from '../../../presentation/record-presenter.js';
import type {CommandContext} from '../../command-context.js';
import {parseTimeToLive, parseUid} from '../../line/parsers.js';
import {confirmWrite} from '../../show/confirm-write.js';
import {showOne} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {OnlineCheck} from './online-check.js';
import {
  type OnlineCheckInput,
  showDryRun,
  warnUnknownExpiry,
  withOnlineCheckFlags,
} from './record-options.js';

interface RecordsExpireInput extends OnlineCheckInput {
  readonly uid: string;
  readonly ttl: number;
  readonly whileOnline?: boolean;
  readonly dryRun?: boolean;
}

export const recordsExpire: Verb<RecordsExpireInput> = {
  examples: [
    'gatectl records expire u42 10m',
    'gatectl records expire u42 never --store redis://127.0.0.1:6379/0',
  ],
  declare: (command) =>
    withOnlineCheckFlags(command)
      .argument('<uid>', 'user id of the record', parseUid)
      .argument('<ttl>', 'time to live from now: 30s, 10m, 12h, 7d; or never', parseTimeToLive)
      .option('--while-online', 'proceed while the user is online, though the gate may extend it')
      .option('--dry-run', 'show the record with its new expiry; write nothing'),
  run: async (context, {uid, ttl, store, offline, whileOnline = false, dryRun = false}) => {
    const check = new OnlineCheck(context, {store, offline});
    const records = await context.openRecords(store);
    const record = await records.get(uid);
    if (!whileOnline)
      await check.refuseOnline(
        uid,
        record,
        `pass --while-online, or kick the user first: gatectl sessions find ${uid}`,
      );
    if (record.undecodable !== undefined)
      throw new NegativeError(`cannot decode the record of "${uid}": ${record.undecodable}`);
    if (dryRun) return await showDryRun(context, {...record, expiresAt: ttl === 0 ? 0 : context.now() + ttl});
    await confirmExpiry(context, uid, ttl);
    const node = store === undefined ? record.node : undefined;
    await records.put(uid, record.value, {node, revision: record.revision, ttlMs: ttl});
    const after = await records.get(uid);
    await warnUnknownExpiry(context, after);
    return showOne(context, recordFields(after));
  },
};

/** Asks on a terminal before a record gets an end, since it is then deleted. */
async function confirmExpiry(context: CommandContext, uid: string, ttl: number): Promise<void> {
  if (ttl === 0 || !context.isInteractive) return;
  const question = `let the record of uid "${uid}" be deleted in ${duration(ttl)}?`;
  await confirmWrite(context, {question, answer: 'yes'});
}
