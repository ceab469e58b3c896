import {NegativeError} from '../../../errors.js';
import {recordFields} from '../../../sheets/record-sheet.js';
import {parseTimeToLive, parseUid} from '../../parsers.js';
import {showOne} from '../../present.js';
import type {Verb} from '../../verb.js';
import {type StoreInput, withStore} from './record-options.js';

export interface RecordsExpireInput extends StoreInput {
  readonly uid: string;
  readonly ttl: number;
}

export const recordsExpire: Verb<RecordsExpireInput> = {
  examples: [
    'gatectl records expire u42 10m',
    'gatectl records expire u42 never --store redis://127.0.0.1:6379/0',
  ],
  declare: (command) =>
    withStore(command)
      .argument('<uid>', 'user id of the record', parseUid)
      .argument('<ttl>', 'time to live from now: 30s, 10m, 12h, 7d; or never', parseTimeToLive),
  run: async (context, {uid, ttl, store}) => {
    const records = await context.openRecords(store);
    const record = await records.get(uid);
    if (record.undecodable !== undefined)
      throw new NegativeError(`the record of "${uid}" is no session: ${record.undecodable}`);
    const node = store === undefined ? record.node : undefined;
    await records.put(uid, record.value, {node, revision: record.revision, ttlMs: ttl});
    return showOne(context, recordFields(await records.get(uid)));
  },
};
