import {UsageError} from '../../base/errors.js';
import {type SortOrder, TopRows} from '../../selector/sort-order.js';
import type {LocatedRow} from '../result-types.js';

/** Maximum number of rows held for a sort without a limit. */
const maxHeld = 200_000;

/** Reads all rows, then yields them in order. With a limit, holds at most about twice as many rows as the limit. */
export async function* sortedRows(
  rows: AsyncIterable<LocatedRow>,
  order: SortOrder,
  limit: number | undefined,
): AsyncGenerator<LocatedRow, void, undefined> {
  const top = new TopRows<LocatedRow>(order, limit ?? Number.MAX_SAFE_INTEGER);
  for await (const row of rows) {
    const {node, observedAt: now = 0} = row;
    top.offer(row, {row, node, now}, `${node}/${row.session.sessionId}`);
    checkSortSize(top.size, limit, 'sessions');
  }
  yield* top.rows();
}

/** Throws UsageError when too many rows are held for a sort without a limit. */
export function checkSortSize(held: number, limit: number | undefined, nouns: string): void {
  if (limit !== undefined || held <= maxHeld) return;
  throw new UsageError(`more than ${maxHeld} ${nouns} to sort`, {
    hint: 'add --limit, or select fewer with --where',
  });
}
