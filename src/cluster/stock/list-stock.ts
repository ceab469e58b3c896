import type {ClusterNode} from '../../registry/registry.js';
import type {FoundRow, GateOutcome, Gathered, Listing, LocatedRow} from '../answers.js';
import type {SessionsQuery} from '../queries.js';
import {type StockParts, StockSearch, type StockSources} from './stock-sessions.js';

/** A question for sessions, also of gates that cannot list theirs. */
export interface StockQuery extends SessionsQuery {
  /** Where else to look for sessions of gates that cannot list theirs; they stay marked as incomplete. */
  readonly stock?: StockSources | undefined;
}

/** Extends a listing with sessions of gates that cannot list, from other sources. It stays incomplete. */
export function listWithStock(
  listing: Listing,
  parts: StockParts,
  {stock = {}, where, order, limit = Number.POSITIVE_INFINITY, signal}: StockQuery,
): Listing {
  let search: StockSearch | undefined;
  const counts = new Map<string, number>();
  async function* rows(): AsyncGenerator<LocatedRow, void, undefined> {
    let left = order === undefined ? limit : Number.POSITIVE_INFINITY;
    for await (const row of listing.rows) {
      left -= 1;
      yield row;
    }
    const gates = unlisted(listing.expected, listing.outcomes());
    if (gates.length === 0 || left <= 0) return;
    search = new StockSearch(parts, stock, gates);
    for await (const row of search.all(signal)) {
      if (where !== undefined && !where.matches(row, row.node, Date.now())) continue;
      counts.set(row.node, (counts.get(row.node) ?? 0) + 1);
      yield row;
      left -= 1;
      if (left <= 0) return;
    }
  }
  const outcomes = () =>
    listing.outcomes().map((outcome) => told(outcome, search, counts.get(outcome.node) ?? 0));
  return {...listing, rows: rows(), outcomes};
}

/** The same for one uid; `found` has the replies of the gates. */
export async function findWithStock(
  found: Gathered<readonly FoundRow[]>,
  parts: StockParts,
  sources: StockSources,
  uid: string,
): Promise<Gathered<readonly FoundRow[]>> {
  const gates = unlisted(found.expected, found.outcomes);
  if (gates.length === 0) return found;
  const search = new StockSearch(parts, sources, gates);
  const results = new Map(found.results);
  for (const row of await search.ofUid(uid)) results.set(row.node, [...(results.get(row.node) ?? []), row]);
  const outcomes = found.outcomes.map((outcome) =>
    told(outcome, search, results.get(outcome.node)?.length ?? 0),
  );
  return {...found, results, outcomes};
}

function unlisted(
  expected: readonly ClusterNode[],
  outcomes: readonly GateOutcome[],
): readonly ClusterNode[] {
  const unable = new Set(outcomes.filter(isAsked).map(({node}) => node));
  return expected.filter(({id}) => unable.has(id));
}

/** Adds to the outcome of a gate that cannot list how many of its sessions were found elsewhere. */
function told(outcome: GateOutcome, search: StockSearch | undefined, count: number): GateOutcome {
  if (search === undefined || !isAsked(outcome)) return outcome;
  const failure = search.failures.get(outcome.node);
  if (failure !== undefined) return {...outcome, count, reason: failure.reason, message: failure.message};
  const known = `${count} of its sessions ${count === 1 ? 'is' : 'are'} known`;
  const isStock = outcome.role === 'stock-gate';
  const why = search.sourceFailures.map((text) => ` (${text})`).join('');
  return {
    ...outcome,
    count,
    message: `${outcome.node} ${isStock ? 'is a stock mqant gate' : 'cannot list'}: ${known}, and there may be others${why}`,
  };
}

/** Whether to verify sessions on this node: a gate that cannot list but can look up an id. */
const isAsked = ({reason, role}: GateOutcome): boolean => reason === 'unsupported' && role !== 'other';
