import {type Order, parseOrderOf, type SortKeys, TopRows} from '../../selector/order.js';
import {type Batch, BuiltBatch} from '../../session/fast/batch.js';
import {clientAddressIn} from '../../session/ip-address.js';
import {checkSortable} from '../read/sort-rows.js';
import type {LocatedRecord} from './records.js';

export type RecordOrder = Order<LocatedRecord>;

/** Text that can't be decoded sorts as empty; an expiry that the storage does not report sorts last, "never" first. */
const recordKeys: SortKeys<LocatedRecord> = {
  keys: {
    uid: ({uid}) => uid,
    id: ({session}) => session?.sessionId ?? '',
    gate: ({session}) => session?.serverId ?? '',
    network: ({session}) => session?.network ?? '',
    ip: ({session}) => (session === undefined ? '' : clientAddressIn(session.ip, session.network)),
    bytes: ({value}) => value.length,
    expires: ({expiresAt = -1}) => (expiresAt === 0 ? Number.MAX_SAFE_INTEGER : expiresAt),
  },
  numeric: ['bytes', 'expires'],
  settingOf: ({session}, key) => session?.settings[key],
};

/** Names of the sort keys, besides `settings.<key>`. */
export const recordOrderNames: readonly string[] = Object.keys(recordKeys.keys);

/** Parses `uid`, `-bytes` or `expires:asc`. Throws a UsageError that lists the valid sort keys. */
export const parseRecordOrder = (text: string): RecordOrder => parseOrderOf(text, recordKeys);

/** Yields records in order after all were read. With a limit, holds at most about twice as many. */
export async function* recordsInOrder(
  batches: AsyncIterable<Batch<LocatedRecord>>,
  order: RecordOrder,
  limit: number | undefined,
): AsyncGenerator<Batch<LocatedRecord>, void, undefined> {
  const top = new TopRows<LocatedRecord, LocatedRecord>(order, limit ?? Number.MAX_SAFE_INTEGER, copied);
  for await (const {rows} of batches) {
    for (const record of rows) top.offer(record, record, record.uid);
    checkSortable(top.size, limit, 'records');
  }
  yield new BuiltBatch(top.rows());
}

/** The bytes of a record share the memory of its page. */
function copied(record: LocatedRecord): LocatedRecord {
  const {stored} = record;
  const own = {...record, value: new Uint8Array(record.value)};
  return stored === undefined ? own : {...own, stored: {...stored, bytes: new Uint8Array(stored.bytes)}};
}
