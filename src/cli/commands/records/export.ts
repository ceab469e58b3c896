import type {LocatedRecord} from '../../../cluster/cluster.js';
import type {Sheet} from '../../../output/sheet.js';
import {isoTime} from '../../../sheets/time.js';
import {showListing} from '../../present.js';
import type {Verb} from '../../verb.js';
import {type StoreInput, withStore} from './record-options.js';

/** What `records import` reads again: the bytes, and when they end. */
const exportSheet: Sheet<LocatedRecord> = {
  columns: [],
  record: ({uid, value, expiresAt, undecodable}) => ({
    uid,
    value: Buffer.from(value).toString('base64'),
    expiresAt: isoTime(expiresAt),
    ...(undecodable === undefined ? {} : {undecodable}),
  }),
  id: ({uid}) => uid,
};

export const recordsExport: Verb<StoreInput> = {
  examples: [
    'gatectl records export > records.jsonl',
    'gatectl records export --store redis://127.0.0.1:6379/0 > records.jsonl',
  ],
  declare: withStore,
  run: async (context, {store}) => {
    const {manners, signal} = context;
    const listing = await (await context.openRecords(store)).list({limit: manners.limit, signal});
    return showListing({...context, manners: {...manners, format: 'jsonl'}}, exportSheet, listing);
  },
};
