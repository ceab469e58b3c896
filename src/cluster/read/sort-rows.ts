import {UsageError} from '../../base/errors.js';
import {type Order, TopRows} from '../../selector/order.js';
import type {LocatedRow} from '../answers.js';

/** Highest number of rows held for a sort without a limit. */
const mostHeld = 200_000;

/** Yields rows in order after all were read. With a limit, holds at most about twice as many. */
export async function* sortedRows(
  rows: AsyncIterable<LocatedRow>,
  order: Order,
  limit: number | undefined,
): AsyncGenerator<LocatedRow, void, undefined> {
  const top = new TopRows<LocatedRow>(order, limit ?? Number.MAX_SAFE_INTEGER);
  for await (const row of rows) {
    const {node, observedAt: now = 0} = row;
    top.offer(row, {row, node, now}, `${node}/${row.session.sessionId}`);
    checkSortable(top.size, limit, 'sessions');
  }
  yield* top.rows();
}

/** Throws UsageError when too many rows are held for a sort without a limit. */
export function checkSortable(held: number, limit: number | undefined, nouns: string): void {
  if (limit !== undefined || held <= mostHeld) return;
  throw new UsageError(`more than ${mostHeld} ${nouns} to sort`, {
    hint: 'give --limit, or narrow the selection with --where',
  });
}
