import {GatectlError, PermissionError, UnreachableError} from '../base/errors.js';
import type {RecordPage, StoredRecord, UnreadRecord} from '../session/gate-api.js';

/** Sorts uids by code unit, as `recordPage` needs them. A listing that caches them sorts once. */
export const sortedUids = (uids: Iterable<string>): readonly string[] => [...uids].sort(byCodeUnit);

const byCodeUnit = (one: string, other: string): number => (one < other ? -1 : one === other ? 0 : 1);

/**
 * Returns a page of records of the sorted uids. The cursor is the last uid of the previous page, so that a record that
 * persists is listed exactly once, whatever is added or removed.
 */
export async function recordPage(
  uids: readonly string[],
  after: string,
  limit: number,
  read: (uid: string) => Promise<StoredRecord | undefined>,
): Promise<RecordPage> {
  const first = firstAfter(uids, after);
  const wanted = uids.slice(first, first + limit);
  const answers = await Promise.allSettled(wanted.map(read));
  const failures = answers.filter((answer) => answer.status === 'rejected');
  if (failures.length > 0 && failures.length === wanted.length && failures.every(isAway))
    throw failures[0]?.reason; // the store itself is unreachable
  return {...sorted(wanted, answers), next: uids.length > first + limit ? (wanted.at(-1) ?? '') : ''};
}

/** Index of the first uid after `after`, found by halving. */
function firstAfter(uids: readonly string[], after: string): number {
  let [low, high] = [0, uids.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((uids[middle] ?? '') > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

const isAway = ({reason}: PromiseRejectedResult): boolean => reason instanceof UnreachableError;

/** Records deleted between the two reads are in neither part. */
function sorted(uids: readonly string[], answers: readonly PromiseSettledResult<StoredRecord | undefined>[]) {
  const records: StoredRecord[] = [];
  const unread: UnreadRecord[] = [];
  for (const [at, answer] of answers.entries()) {
    if (answer.status === 'rejected') unread.push(unreadRecord(uids[at] ?? '', answer.reason));
    else if (answer.value !== undefined) records.push(answer.value);
  }
  return {records, unread};
}

/** Rethrows errors that are bugs instead of failed reads. */
function unreadRecord(uid: string, error: unknown): UnreadRecord {
  if (!(error instanceof GatectlError)) throw error;
  return {uid, reason: reasonOf(error), message: error.message};
}

function reasonOf(error: GatectlError): UnreadRecord['reason'] {
  if (error instanceof PermissionError) return 'not-permitted';
  return error instanceof UnreachableError ? 'timeout' : 'refused';
}
