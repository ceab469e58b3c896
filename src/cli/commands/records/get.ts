import {recordFields} from '../../../presentation/record-presenter.js';
import {parseUid} from '../../line/parsers.js';
import {showOne} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {type StoreInput, warnUndecodable, withStoreFlag} from './record-options.js';

interface RecordInput extends StoreInput {
  readonly uid: string;
}

export const recordsGet: Verb<RecordInput> = {
  examples: ['gatectl records get u42', 'gatectl records get u42 --store redis://127.0.0.1:6379/0 -o json'],
  declare: (command) => withStoreFlag(command.argument('<uid>', 'user id of the record', parseUid)),
  run: async (context, {uid, store}) => {
    const records = await context.openRecordReader(store);
    const record = await records.get(uid);
    await showOne(context, recordFields(record));
    return warnUndecodable(context, record);
  },
};
