import type {RecordPage, StoredRecord} from '../session/gate-api.js';

/**
 * A page of records in the order of their uids (by code unit). The cursor is the last uid of the page before, so a
 * record that stays is listed exactly once, however many come and go.
 */
export async function pageOf(
  uids: readonly string[],
  after: string,
  limit: number,
  read: (uid: string) => Promise<StoredRecord | undefined>,
): Promise<RecordPage> {
  const rest = uids.filter((uid) => uid > after).sort((a, b) => (a < b ? -1 : 1));
  const wanted = rest.slice(0, limit);
  const found = await Promise.all(wanted.map(read));
  const records = found.filter((record) => record !== undefined); // deleted between the two looks
  return {records, next: rest.length > limit ? (wanted.at(-1) ?? '') : ''};
}
