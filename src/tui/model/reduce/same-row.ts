import type {SessionTableRow} from '../state.js';

/** How much the times of two answers may differ, in milliseconds, by the way of the answers to this machine. */
const jitterMs = 1000;

/**
 * Returns `known` if `fresh` differs from it in nothing but the time of the answer, otherwise `fresh`. Rows that stay
 * the same object are not drawn again.
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
