import {parseSortOrder, type SortKeys, type SortOrder, TopRows} from '../../selector/sort-order.js';
import {DecodedRowBatch, type RowBatch} from '../../session/fast/row-batch.js';
import {clientAddressOfSession} from '../../session/ip-address.js';
import {checkSortSize} from '../read/sort-rows.js';
import type {LocatedRecord} from './record-access.js';

export type RecordOrder = SortOrder<LocatedRecord>;

/**
 * Records that can't be decoded sort as if their text were empty. An expiry of "never" sorts highest, an
 * unknown one lowest.
 */
const recordKeys: SortKeys<LocatedRecord> = {
  keys: {
    uid: ({uid}) => uid,
    id: ({session}) => session?.sessionId ?? '',
    gate: ({session}) => session?.serverId ?? '',
    network: ({session}) => session?.network ?? '',
    ip: ({session}) => (session === undefined ? '' : clientAddressOfSession(session.ip, session.network)),
    bytes: ({value}) => value.length,
    expires: ({expiresAt = -1}) => (expiresAt === 0 ? Number.MAX_SAFE_INTEGER : expiresAt),
  },
  numeric: ['bytes', 'expires'],
  settingOf: ({session}, key) => session?.settings[key],
};

/** Names of the sort keys, in addition to `settings.<key>`. */
export const recordOrderNames: readonly string[] = Object.keys(recordKeys.keys);

/** Parses `uid`, `-bytes` or `expires:asc`. Throws a UsageError that lists the valid sort keys. */
export const parseRecordOrder = (text: string): RecordOrder => parseSortOrder(text, recordKeys);

/**
 * Reads all records, then yields them in order. With a limit, holds at most about twice as many records as the limit.
 */
export async function* recordsInOrder(
  batches: AsyncIterable<RowBatch<LocatedRecord>>,
  order: RecordOrder,
  limit: number | undefined,
): AsyncGenerator<RowBatch<LocatedRecord>, void, undefined> {
  const top = new TopRows<LocatedRecord, LocatedRecord>(order, limit ?? Number.MAX_SAFE_INTEGER, copied);
  for await (const {rows} of batches) {
    for (const record of rows) top.offer(record, record, record.uid);
    checkSortSize(top.size, limit, 'records');
  }
  yield new DecodedRowBatch(top.rows());
}

/** Copies a record's bytes, which share the memory of its page. */
function copied(record: LocatedRecord): LocatedRecord {
  const {stored} = record;
  const own = {...record, value: new Uint8Array(record.value)};
  return stored === undefined ? own : {...own, stored: {...stored, bytes: new Uint8Array(stored.bytes)}};
}
