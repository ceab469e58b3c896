import {GatectlError, PermissionError, UnreachableError} from '../base/errors.js';
import type {RecordPage, StoredRecord, UnreadRecord} from '../session/gate-api.js';

/** Sorts uids by code unit, as `pageOfRecords` requires. A listing that caches them sorts them only once. */
export const sortedUids = (uids: Iterable<string>): readonly string[] => [...uids].sort(byCodeUnit);

const byCodeUnit = (one: string, other: string): number => (one < other ? -1 : one === other ? 0 : 1);

/**
 * Returns a page with the records of the sorted uids. The cursor is the last uid of the previous page, so that a
 * record that persists is listed exactly once, whatever is added or removed.
 */
export async function pageOfRecords(
  uids: readonly string[],
  after: string,
  limit: number,
  read: (uid: string) => Promise<StoredRecord | undefined>,
): Promise<RecordPage> {
  const first = firstAfter(uids, after);
  const wanted = uids.slice(first, first + limit);
  const answers = await Promise.allSettled(wanted.map(read));
  const failures = answers.filter((answer) => answer.status === 'rejected');
  if (failures.length > 0 && failures.length === wanted.length && failures.every(isUnreachable))
    throw failures[0]?.reason; // the store itself is unreachable
  return {...sorted(wanted, answers), next: uids.length > first + limit ? (wanted.at(-1) ?? '') : ''};
}

/** Returns the index of the first uid after `after`, by binary search. */
function firstAfter(uids: readonly string[], after: string): number {
  let [low, high] = [0, uids.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((uids[middle] ?? '') > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

const isUnreachable = ({reason}: PromiseRejectedResult): boolean => reason instanceof UnreachableError;

/** Separates results into records and unread records. Leaves out records that were deleted meanwhile. */
function sorted(uids: readonly string[], answers: readonly PromiseSettledResult<StoredRecord | undefined>[]) {
  const records: StoredRecord[] = [];
  const unread: UnreadRecord[] = [];
  for (const [at, answer] of answers.entries()) {
    if (answer.status === 'rejected') unread.push(unreadRecord(uids[at] ?? '', answer.reason));
    else if (answer.value !== undefined) records.push(answer.value);
  }
  return {records, unread};
}

/** Creates the unread record for an error. Rethrows errors that are bugs. */
function unreadRecord(uid: string, error: unknown): UnreadRecord {
  if (!(error instanceof GatectlError)) throw error;
  return {uid, reason: reasonOf(error), message: error.message};
}

function reasonOf(error: GatectlError): UnreadRecord['reason'] {
  if (error instanceof PermissionError) return 'not-permitted';
  return error instanceof UnreachableError ? 'timeout' : 'refused';
}
