import type {ClusterNode} from '../../registry/registry.js';
import type {SessionsQuery} from '../query-types.js';
import type {GateOutcome, Gathered, Listing, LocatedRow, RowWithSource} from '../result-types.js';
import type {CreateStockFinder, StockSessionFinder} from './stock-session-finder.js';

/** Adds sessions of gates that cannot list, from other sources, to a listing. The listing stays incomplete. */
export function listWithStockGates(
  listing: Listing,
  find: CreateStockFinder,
  {where, order, limit = Number.POSITIVE_INFINITY, signal}: SessionsQuery,
): Listing {
  let finder: StockSessionFinder | undefined;
  let presence: Presence | undefined;
  const counts = new Map<string, number>();
  async function* rows(): AsyncGenerator<LocatedRow, void, undefined> {
    let left = order === undefined ? limit : Number.POSITIVE_INFINITY;
    for await (const row of listing.rows) {
      left -= 1;
      yield row;
    }
    const gates = gatesToSearch(listing.expected, listing.outcomes());
    if (gates.length === 0 || left <= 0) return;
    const uid = where?.names?.uid;
    if (uid !== undefined) presence = await presenceOf(uid, gates, find(gates));
    finder = find(gates.filter(({id}) => presence?.isOnline.get(id) !== false));
    const found = uid === undefined ? undefined : await finder.ofUid(uid);
    for await (const row of found ?? finder.all(signal)) {
      if (where !== undefined && !where.matches(row, row.node, Date.now())) continue;
      counts.set(row.node, (counts.get(row.node) ?? 0) + 1);
      yield row;
      left -= 1;
      if (left <= 0) return;
    }
  }
  const outcomes = () =>
    listing
      .outcomes()
      .map((outcome) => extendedOutcome(outcome, finder, counts.get(outcome.node) ?? 0, presence));
  return {...listing, rows: rows(), outcomes};
}

/** Whether gates report a uid as connected. */
interface Presence {
  readonly uid: string;
  /** By gate; undefined if the gate did not reply. */
  readonly isOnline: ReadonlyMap<string, boolean | undefined>;
}

async function presenceOf(
  uid: string,
  gates: readonly ClusterNode[],
  finder: StockSessionFinder,
): Promise<Presence> {
  const ask = async ({id}: ClusterNode) => [id, await finder.isOnline(id, uid)] as const;
  return {uid, isOnline: new Map(await Promise.all(gates.map(ask)))};
}

/** Adds sessions of a uid from other sources to the gates' replies in `found`. */
export async function findWithStockGates(
  found: Gathered<readonly RowWithSource[]>,
  find: CreateStockFinder,
  uid: string,
): Promise<Gathered<readonly RowWithSource[]>> {
  const gates = gatesToSearch(found.expected, found.outcomes);
  if (gates.length === 0) return found;
  const finder = find(gates);
  const results = new Map(found.results);
  for (const row of await finder.ofUid(uid, {oneEach: true}))
    results.set(row.node, [...(results.get(row.node) ?? []), row]);
  const isOnline = new Map(gates.map(({id}) => [id, true] as const)); // each gate reported this before it was searched
  const outcomes = found.outcomes.map((outcome) =>
    extendedOutcome(outcome, finder, results.get(outcome.node)?.length ?? 0, {uid, isOnline}),
  );
  return {...found, results, outcomes};
}

interface CalculationFromRows<T> {
  /** Whether a row is included in the result. */
  readonly take: (row: LocatedRow) => boolean;
  /** Called for each gate after the last row. */
  readonly resultOf: (node: string) => T;
  /** The uid of all included rows, if it is a single one. Gates where this uid is not connected are not searched. */
  readonly uid?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Adds results that are calculated from rows of other sources, for gates that cannot list. */
export async function gatherWithStockGates<T>(
  gathered: Gathered<T>,
  find: CreateStockFinder,
  {take, resultOf, uid, signal}: CalculationFromRows<T>,
): Promise<Gathered<T>> {
  const gates = gatesToSearch(gathered.expected, gathered.outcomes);
  if (gates.length === 0) return gathered;
  const presence = uid === undefined ? undefined : await presenceOf(uid, gates, find(gates));
  const finder = find(gates.filter(({id}) => presence?.isOnline.get(id) !== false));
  const counts = new Map<string, number>();
  for await (const row of uid === undefined ? finder.all(signal) : await finder.ofUid(uid))
    if (take(row)) counts.set(row.node, (counts.get(row.node) ?? 0) + 1);
  const known = gates.filter(({id}) => !finder.failures.has(id));
  return {
    ...gathered,
    results: new Map([...gathered.results, ...known.map(({id}) => [id, resultOf(id)] as const)]),
    outcomes: gathered.outcomes.map((outcome) =>
      extendedOutcome(outcome, finder, counts.get(outcome.node) ?? 0, presence),
    ),
  };
}

function gatesToSearch(
  expected: readonly ClusterNode[],
  outcomes: readonly GateOutcome[],
): readonly ClusterNode[] {
  const unable = new Set(outcomes.filter(canVerify).map(({node}) => node));
  return expected.filter(({id}) => unable.has(id));
}

/**
 * Adds to the outcome of a gate that cannot list how many of its sessions were found elsewhere. A gate without a
 * connection of the uid is ok: it has answered completely.
 */
function extendedOutcome(
  outcome: GateOutcome,
  finder: StockSessionFinder | undefined,
  count: number,
  presence?: Presence,
): GateOutcome {
  if (finder === undefined || !canVerify(outcome)) return outcome;
  const {node, ms, role} = outcome;
  const failure = finder.failures.get(node);
  if (failure !== undefined) return {...outcome, count, reason: failure.reason, message: failure.message};
  const isOnline = count > 0 ? undefined : presence?.isOnline.get(node);
  if (isOnline === false) return {node, status: 'ok', ms, count};
  const known =
    isOnline === true
      ? `uid "${presence?.uid}" is online, session unknown`
      : `${count} of its sessions ${count === 1 ? 'is' : 'are'} known, and there may be others`;
  const why = finder.sourceFailures.map((text) => ` (${text})`).join('');
  const what = role === 'stock-gate' ? 'is a stock mqant gate' : 'cannot list';
  return {...outcome, count, message: `${node} ${what}: ${known}${why}`};
}

/** Returns true for a gate that cannot list but can look up an id, so sessions on it can be verified. */
const canVerify = ({reason, role}: GateOutcome): boolean => reason === 'unsupported' && role !== 'other';
