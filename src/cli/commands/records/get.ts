import {ExitCode, NegativeError} from '../../../base/errors.js';
import type {LocatedRecord, RecordReader} from '../../../cluster/cluster.js';
import {plural} from '../../../output/text/humanize.js';
import {recordFields, recordPresenter} from '../../../presentation/record-presenter.js';
import type {CommandContext} from '../../command-context.js';
import {notice} from '../../show/notices.js';
import {showOne, streamRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {namedUids, onlyUid, withUids} from './many-records.js';
import {type StoreInput, warnUndecodable, withStoreFlag} from './record-options.js';

interface RecordInput extends StoreInput {
  readonly uid: readonly string[];
}

/** Records that are read at once. */
const readsAtOnce = 100;
/** Number of missing uids that a notice names. */
const maxNamed = 5;

export const recordsGet: Verb<RecordInput> = {
  examples: [
    'gatectl records get u42',
    'gatectl records get u42 u43 -o jsonl',
    'gatectl records get u42 --store redis://127.0.0.1:6379/0 -o json',
  ],
  declare: (command) => withStoreFlag(withUids(command)),
  run: async (context, {uid: words, store}) => {
    const uid = onlyUid({uid: words});
    const uids = uid === undefined ? await namedUids(context, words) : [];
    const records = await context.openRecordReader(store);
    if (uid === undefined) return await showMany(context, records, uids);
    const record = await records.get(uid);
    await showOne(context, recordFields(record));
    return warnUndecodable(context, record);
  },
};

/** Shows each record, and names the uids without one. Exits with 1 if any is missing. */
async function showMany(
  context: CommandContext,
  records: RecordReader,
  uids: readonly string[],
): Promise<ExitCode> {
  const missing: string[] = [];
  const rows = recordsOf(context, records, uids, missing);
  await streamRows(context, recordPresenter, rows, () => ({complete: true, missing}));
  if (missing.length === 0) return ExitCode.done;
  const some = missing.slice(0, maxNamed).join('", "');
  const more = missing.length > maxNamed ? ', …' : '';
  await notice(context, `no record of ${plural(missing.length, 'uid')}: "${some}"${more}`);
  return ExitCode.negative;
}

async function* recordsOf(
  context: CommandContext,
  records: RecordReader,
  uids: readonly string[],
  missing: string[],
): AsyncGenerator<LocatedRecord, void, undefined> {
  for (let at = 0; at < uids.length; at += readsAtOnce) {
    context.signal.throwIfAborted();
    const read = uids.slice(at, at + readsAtOnce).map(async (uid) => await orMissing(records.get(uid), uid));
    for (const record of await Promise.all(read)) {
      if (typeof record === 'string') missing.push(record);
      else yield record;
    }
  }
}

/** Resolves with the uid if there is no record of it. */
async function orMissing(record: Promise<LocatedRecord>, uid: string): Promise<LocatedRecord | string> {
  return await record.catch((error: unknown) => {
    if (error instanceof NegativeError) return uid;
    throw error;
  });
}
