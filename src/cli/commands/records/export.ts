import type {LocatedRecord} from '../../../cluster/cluster.js';
import type {Presenter} from '../../../output/formats/presenter.js';
import {expiryJson} from '../../../presentation/record-presenter.js';
import {showListing} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {addStoreFlag, type StoreInput} from './record-flags.js';

/** Presents everything that `records import` needs to restore a record. */
const exportPresenter: Presenter<LocatedRecord> = {
  columns: [],
  record: ({uid, value, expiresAt, undecodable, stored}) => ({
    uid,
    value: base64(value),
    bytes: value.length,
    ...expiryJson(expiresAt),
    ...(undecodable === undefined ? {} : {undecodable}),
    ...(stored === undefined ? {} : {encoding: stored.encoding, stored: base64(stored.bytes)}),
  }),
  id: ({uid}) => uid,
};

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');

export const recordsExport: Verb<StoreInput> = {
  examples: [
    'gatectl records export > records.jsonl',
    'gatectl records export --store redis://127.0.0.1:6379/0 > records.jsonl',
  ],
  declare: addStoreFlag,
  run: async (context, {store}) => {
    const {outputOptions, signal} = context;
    const listing = await (await context.openRecordReader(store)).list({limit: outputOptions.limit, signal});
    return showListing(
      {...context, outputOptions: {...outputOptions, format: 'jsonl'}},
      exportPresenter,
      listing,
    );
  },
};
