import {ExitCode} from '../../../base/errors.js';
import type {RecordReader} from '../../../cluster/cluster.js';
import {recordFields, recordPresenter} from '../../../presentation/record-presenter.js';
import type {CommandContext} from '../../command-context.js';
import {noticeMissingUids} from '../../show/notices.js';
import {showItem, streamRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {addUidArguments, readRecords, readUids, singleUid} from './bulk-records.js';
import {addStoreFlag, type StoreInput, warnUndecodableRecord} from './record-flags.js';

interface RecordInput extends StoreInput {
  readonly uid: readonly string[];
}

export const recordsGet: Verb<RecordInput> = {
  examples: [
    'gatectl records get u42',
    'gatectl records get u42 u43 -o jsonl',
    'gatectl records get u42 --store redis://127.0.0.1:6379/0 -o json',
  ],
  declare: (command) => addStoreFlag(addUidArguments(command)),
  run: async (context, {uid: words, store}) => {
    const uid = singleUid({uid: words});
    const uids = uid === undefined ? await readUids(context, words) : [];
    const records = await context.openRecordReader(store);
    if (uid === undefined) return await showMany(context, records, uids);
    const record = await records.get(uid);
    await showItem(context, recordFields(record));
    return warnUndecodableRecord(context, record);
  },
};

/** Shows the records, and lists the uids that have none. Returns exit code 1 if any record is missing. */
async function showMany(
  context: CommandContext,
  records: RecordReader,
  uids: readonly string[],
): Promise<ExitCode> {
  const missing: string[] = [];
  const rows = readRecords(context, records, uids, missing);
  await streamRows(context, recordPresenter, rows, () => ({complete: true, missing}));
  await noticeMissingUids(context, 'record', missing);
  return missing.length === 0 ? ExitCode.done : ExitCode.negative;
}
