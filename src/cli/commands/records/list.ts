import type {LocatedRecord} from '../../../cluster/cluster.js';
import {recordMatches} from '../../../cluster/records/record-matches.js';
import {recordPresenter} from '../../../presentation/record-presenter.js';
import {type Batch, BatchedRows, BuiltBatch, batchesOf} from '../../../session/fast/batch.js';
import {parsePair, parseText} from '../../line/parsers.js';
import {showListing} from '../../show/show-results.js';
import {collect, type Verb} from '../../verb.js';
import {type StoreInput, withStoreFlag} from './record-options.js';

interface RecordsListInput extends StoreInput {
  readonly where?: string;
  readonly gate?: readonly string[];
  readonly uid?: string;
  readonly setting?: readonly (readonly [string, string])[];
}

export const recordsList: Verb<RecordsListInput> = {
  examples: [
    'gatectl records list --uid "guest-*"',
    `gatectl records list --where 'settings.roomName == "mqant"'`,
    'gatectl records list --store redis://127.0.0.1:6379/0 --setting roomName=mqant -o jsonl',
  ],
  declare: (command) =>
    withStoreFlag(command)
      .option(
        '--where <expression>',
        'match an expression, such as uid == "u1" && settings.vip == "1"',
        parseText,
      )
      .option('--gate <node>', 'read through this gate only (repeatable)', collect(String))
      .option('--uid <uid>', 'match this uid; a trailing * matches any ending')
      .option('--setting <key=value>', 'match this setting (repeatable)', collect(parsePair)),
  run: async (context, {where, gate, store, uid, setting = []}) => {
    const selected = where === undefined ? undefined : await whereFilter(where, context.now);
    const records = await context.openRecordReader(store);
    const {signal, outputOptions} = context;
    const fits = recordFilter(uid, setting);
    const isWanted = (record: LocatedRecord): boolean => fits(record) && selected?.(record) !== false;
    const isFiltered = selected !== undefined || uid !== undefined || setting.length > 0;
    const listing = await records.list({
      gates: gate,
      limit: isFiltered ? undefined : outputOptions.limit,
      signal,
      expiry: outputOptions.format !== 'ids',
    });
    const rows = isFiltered
      ? new BatchedRows(filteredBatches(listing.rows, isWanted, outputOptions.limit))
      : listing.rows;
    return showListing(context, recordPresenter, {...listing, rows});
  },
};

/** Parses the expression before any gate is asked. Loads the selector code only when needed. */
async function whereFilter(where: string, now: () => number): Promise<(record: LocatedRecord) => boolean> {
  const {parseTypedSelector} = await import('../../../selector/selector.js');
  const selector = await parseTypedSelector(where);
  return (record) => recordMatches(record, selector, now());
}

function recordFilter(uid: string | undefined, settings: readonly (readonly [string, string])[]) {
  const fits = (text: string): boolean =>
    uid === undefined || (uid.endsWith('*') ? text.startsWith(uid.slice(0, -1)) : text === uid);
  return (record: LocatedRecord): boolean =>
    fits(record.uid) && settings.every(([key, value]) => record.session?.settings[key] === value);
}

async function* filteredBatches(
  rows: AsyncIterable<LocatedRecord>,
  isWanted: (record: LocatedRecord) => boolean,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<Batch<LocatedRecord>, void, undefined> {
  let left = limit;
  for await (const batch of batchesOf(rows)) {
    const wanted = batch.rows.filter(isWanted).slice(0, left);
    yield new BuiltBatch(wanted);
    left -= wanted.length;
    if (left <= 0) return;
  }
}
