import type {SessionTableRow} from '../state.js';

/** Tolerated difference between the times of two answers, in milliseconds. It is caused by network delay. */
const jitterMs = 1000;

/**
 * Returns `known` if `fresh` differs only in the time of the answer, otherwise `fresh`. A row that stays the
 * same object is not redrawn.
 */
export function reusedRow(known: SessionTableRow | undefined, fresh: SessionTableRow): SessionTableRow {
  if (known === undefined || !isEqual(known.vanished, fresh.vanished)) return fresh;
  const {observedAt: knownAt = known.seenAt, ...knownRow} = known.row;
  const {observedAt: freshAt = fresh.seenAt, ...freshRow} = fresh.row;
  const moved = freshAt - fresh.seenAt - (knownAt - known.seenAt);
  return Math.abs(moved) <= jitterMs && isEqual(knownRow, freshRow) ? known : fresh;
}

/** Compares plain values; a member that is undefined equals one that is missing. */
function isEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isObject(one) || !isObject(other)) return false;
  for (const name in one) if (!isEqual(one[name], other[name])) return false;
  for (const name in other) if (one[name] === undefined && other[name] !== undefined) return false;
  return true;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
