import type {ClusterReader, Gathered, Listing, LocatedRow, SessionsQuery} from '../../../cluster/cluster.js';
import {nodeWithId} from '../../../cluster/read/locate-session.js';
import {PollingRounds} from '../../../cluster/read/polling-rounds.js';
import {sortedRows} from '../../../cluster/read/sort-rows.js';
import type {SortOrder} from '../../../selector/sort-order.js';
import {countListing} from '../../show/count-listing.js';

interface FirstRows {
  readonly rows: readonly LocatedRow[];
  readonly total: number | undefined;
}

/**
 * Returns a function that lists the first sessions of all gates on each call. It calls each gate separately, so that a silent
 * gate does not delay the others. `total` is undefined if a gate did not report its session count.
 */
export function createListingPoller(
  cluster: ClusterReader,
  query: SessionsQuery & {readonly order: SortOrder; readonly limit: number},
  now: () => number,
): () => Promise<{readonly listing: Listing; readonly total: number | undefined}> {
  const poller = new PollingRounds({ask: (gate) => firstRowsOf(cluster, gate, query), now});
  return async () => {
    const all = await cluster.gates();
    const expected = query.gates?.map((id) => nodeWithId(all, id)) ?? all;
    const {results, outcomes} = await poller.round(expected.map(({id}) => id));
    const answers = [...results.values()];
    const rows = rowsOf(answers.flatMap((answer) => answer.rows));
    const totals = answers.flatMap(({total}) => total ?? []);
    return {
      listing: {expected, rows: sortedRows(rows, query.order, query.limit), outcomes: () => outcomes},
      total: totals.length < expected.length ? undefined : totals.reduce((sum, one) => sum + one, 0),
    };
  };
}

async function firstRowsOf(
  cluster: ClusterReader,
  gate: string,
  query: SessionsQuery,
): Promise<Gathered<FirstRows>> {
  const {where, signal} = query;
  const counting = countListing(cluster, {gates: [gate], where, signal});
  counting.catch(() => {}); // never awaited if the listing throws
  const listing = await cluster.list({...query, gates: [gate]});
  const rows: LocatedRow[] = [];
  for await (const row of listing.rows) rows.push(row);
  const results = new Map([[gate, {rows, total: await counting}]]);
  return {expected: listing.expected, results, outcomes: listing.outcomes()};
}

async function* rowsOf(rows: readonly LocatedRow[]): AsyncGenerator<LocatedRow, void, undefined> {
  yield* rows;
}
