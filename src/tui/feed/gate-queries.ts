import type {GateOutcome, GateStatistics, LocatedRow, SessionsQuery} from '../../cluster/cluster.js';
import {exactSessionsOnGate} from '../../cluster/read/exact-sessions.js';
import {parseSessionOrder, type SortOrder, stuckSortKey, TopRows} from '../../selector/sort-order.js';
import type {GateInfo} from '../../session/gate-api.js';
import type {DashboardDeps} from '../dashboard-deps.js';
import {currentTableWindow, maxSampledRows, sessionsToRequest} from '../layout/screen-layout.js';
import {showsConnectionColumns} from '../layout/session-columns.js';
import type {Action} from '../model/action.js';
import {registeredGateIds, sessionsQueryKey} from '../model/derived-state.js';
import {currentScreen, type State} from '../model/state.js';
import {reverseSortText} from '../model/tables/sort-table-rows.js';
import type {GateQueryForState} from './gate-poller.js';

const listEveryMs = 2000;
const statsEveryMs = 2000;
/** Maximum poll interval, shorter than the time after which a gate is stale. */
const statsMostMs = 4000;
const infoEveryMs = 15_000;
const listMostMs = 20_000;
/** Debounce delay for a filter being typed, in milliseconds. */
const typingMs = 150;

interface Figures {
  readonly stats: GateStatistics | undefined;
  readonly outcome: GateOutcome | undefined;
  /** Ping outcome of a gate without stats. */
  readonly ping: GateOutcome | undefined;
}

const flat = <T>(answers: ReadonlyMap<string, T>, of: (answer: T) => readonly GateOutcome[]) =>
  [...answers.values()].flatMap(of);

/** Queries the stats and round-trip time of each gate. Pings gates without stats. */
export const gateStatsQuery: GateQueryForState<Figures> = (state, {cluster, now}) => ({
  key: `stats ${state.generation}`,
  gates: registeredGateIds(state),
  intervalMs: statsEveryMs,
  maxIntervalMs: statsMostMs,
  fetch: async (gate) => {
    const {results, outcomes} = await cluster.stats([gate]);
    const [outcome] = outcomes;
    const ping = outcome?.reason === 'unsupported' ? (await cluster.ping([gate])).outcomes[0] : undefined;
    return {stats: results.get(gate), outcome, ping};
  },
  toActions: (fresh) => {
    const results = new Map([...fresh].flatMap(([id, {stats}]) => (stats ? [[id, stats] as const] : [])));
    const outcomes = flat(fresh, ({outcome}) => (outcome ? [outcome] : []));
    const pinged = flat(fresh, ({ping}) => (ping ? [ping] : []));
    const at = now();
    const stats: Action = {type: 'stats', results, outcomes, at};
    return pinged.length === 0 ? [stats] : [stats, {type: 'pings', outcomes: pinged, at}];
  },
});

export const gateInfoQuery: GateQueryForState<GateInfo | undefined> = (state, {cluster}) => ({
  key: 'info',
  gates: registeredGateIds(state),
  intervalMs: infoEveryMs,
  maxIntervalMs: infoEveryMs,
  fetch: async (gate) => (await cluster.info([gate])).results.get(gate),
  toActions: (fresh) => {
    const results = new Map([...fresh].flatMap(([id, info]) => (info ? [[id, info] as const] : [])));
    return results.size === 0 ? [] : [{type: 'infos', results}];
  },
});

interface GateSessions {
  readonly rows: readonly LocatedRow[];
  readonly outcomes: readonly GateOutcome[];
  readonly sampled: readonly string[];
  /** Number of matching sessions on the gate; undefined if it can't count them. */
  readonly total: number | undefined;
}

/** Queries the first sessions of each gate in table order, and its total. */
export const sessionsQuery: GateQueryForState<GateSessions> = (state, deps) => {
  if (currentScreen(state).name !== 'sessions' || state.gates.size === 0) return undefined;
  const question = sessionsQueryKey(state);
  const limit = sessionsToRequest(state);
  const gates = registeredGateIds(state);
  return {
    key: `${question} ${limit} ${state.generation}`,
    gates,
    intervalMs: listEveryMs,
    maxIntervalMs: listMostMs,
    delayMs: state.prompt?.kind === 'filter' ? typingMs : undefined,
    fetch: (gate, signal) => listedOn(gate, {state, limit, signal}, deps),
    toActions: (fresh, all) => {
      const rows = inOrder(
        [...fresh.values()].map((answer) => answer.rows),
        state.sessions.order,
      );
      const sampled = [...fresh.values()].flatMap((answer) => answer.sampled);
      const outcomes = flat(fresh, (answer) => answer.outcomes);
      const totals = gates.map((gate) => all.get(gate)?.total);
      const total = totals.reduce(
        (sum, one) => (sum === undefined || one === undefined ? undefined : sum + one),
        0,
      );
      return [
        {type: 'sessions', question, rows, outcomes, sampled, limit, at: deps.now()},
        {type: 'counted', question, total},
      ];
    },
  };
};

/** Merges the sorted rows of several gates. */
function inOrder(lists: readonly (readonly LocatedRow[])[], order: SortOrder): readonly LocatedRow[] {
  const [only = []] = lists;
  return lists.length < 2 ? only : firstOf(lists.flat(), order, Number.MAX_SAFE_INTEGER);
}

function firstOf(rows: readonly LocatedRow[], order: SortOrder, limit: number): readonly LocatedRow[] {
  const top = new TopRows<LocatedRow>(order, limit);
  for (const row of rows) {
    const {node, observedAt: now = 0} = row;
    top.offer(row, {row, node, now}, `${node}/${row.session.sessionId}`);
  }
  return top.rows();
}

/** Returns the reversed order, whose first rows are the last rows of `order`. */
const reversedOrder = ({text}: SortOrder): SortOrder => parseSessionOrder(reverseSortText(text));

interface ListingOf {
  readonly state: State;
  readonly limit: number;
  readonly signal: AbortSignal;
}

async function listedOn(
  gate: string,
  {state, limit, signal}: ListingOf,
  {cluster}: DashboardDeps,
): Promise<GateSessions> {
  const {selector: where} = state.filters.sessions;
  const {isAtEnd} = state.sessions;
  const order = isAtEnd ? reversedOrder(state.sessions.order) : state.sessions.order;
  const exact = await exactSessionsOnGate(cluster, gate, where);
  if (exact !== undefined) {
    const {rows, outcome} = exact;
    const total = outcome.status === 'ok' ? rows.length : undefined;
    return {
      rows: isAtEnd ? rows.slice(-limit) : rows.slice(0, limit),
      outcomes: [outcome],
      sampled: [],
      total,
    };
  }
  const stuck = stuckSortKey(order);
  const others = stuck === undefined ? order : parseSessionOrder('id');
  const counting = cluster.each((one) => one.count({where: where?.text}, {signal}), {gates: [gate]});
  counting.catch(() => {}); // not awaited if the listing throws
  const listing = await cluster.list({
    gates: [gate],
    where,
    order: others,
    limit,
    sample: maxSampledRows,
    signal,
  });
  const rows: LocatedRow[] = [];
  for await (const row of listing.rows) rows.push(row);
  const sampled = listing.sampled?.() ?? [];
  if (sampled.length > 0) await addExact(rows, gate, state, cluster);
  if (stuck !== undefined) {
    const first = await stuckRows(cluster, gate, {where, order: parseSessionOrder(stuck), limit, signal});
    const known = new Set(first.map(({session}) => session.sessionId));
    const rest = rows.filter(({session}) => !known.has(session.sessionId));
    rows.splice(0, rows.length, ...firstOf([...first, ...rest], order, limit));
  }
  const counted = (await counting).results.get(gate);
  const isOfAll = where === undefined || counted?.filtered === true;
  return {
    rows: isAtEnd ? rows.toReversed() : rows,
    outcomes: listing.outcomes(),
    sampled,
    total: isOfAll ? counted?.sessions : undefined,
  };
}

/** Returns the most stuck sessions of a gate; empty if it can't report queues. */
async function stuckRows(
  cluster: DashboardDeps['cluster'],
  gate: string,
  query: SessionsQuery,
): Promise<readonly LocatedRow[]> {
  const rows: LocatedRow[] = [];
  for await (const row of (await cluster.list({...query, gates: [gate]})).rows) rows.push(row);
  return rows;
}

/** Queries the connection state of the visible sessions. */
export const connectionsQuery: GateQueryForState<readonly LocatedRow[]> = (state, {cluster, now}) => {
  if (currentScreen(state).name !== 'sessions' || !showsConnectionColumns(state)) return undefined;
  const {top, height} = currentTableWindow(state);
  const shown = state.sessions.rows.slice(top, top + height).map(({row}) => row);
  return {
    key: `${sessionsQueryKey(state)} ${top} ${height} ${state.generation}`,
    gates: [...new Set(shown.map(({node}) => node))],
    intervalMs: listEveryMs,
    maxIntervalMs: listMostMs,
    delayMs: typingMs,
    fetch: async (gate, signal) => {
      const sessions = shown.filter(({node}) => node === gate).map(({session}) => session.sessionId);
      const {results} = await cluster.each((one) => one.connections({sessions}, {signal}), {gates: [gate]});
      const page = results.get(gate);
      return (page?.rows ?? []).map((row) => ({...row, node: gate, observedAt: page?.now}));
    },
    toActions: (fresh) => [{type: 'connections', rows: [...fresh.values()].flat(), at: now()}],
  };
};

/** Adds the sessions whose uid or id equals the search text, which a sample may lack. */
async function addExact(
  rows: LocatedRow[],
  gate: string,
  {filters}: State,
  cluster: DashboardDeps['cluster'],
): Promise<void> {
  const known = new Set(rows.map(({session}) => session.sessionId));
  for (const selector of filters.sessions.exact ?? []) {
    const found = await exactSessionsOnGate(cluster, gate, selector);
    for (const row of found?.rows ?? []) {
      if (known.has(row.session.sessionId)) continue;
      known.add(row.session.sessionId);
      rows.push(row);
    }
  }
}

/** Queries the sessions of the displayed user on each gate. */
export const sameUserQuery: GateQueryForState<Found> = (state, {cluster}) => {
  const uid = shownUser(state);
  if (uid === '') return undefined;
  const gates = registeredGateIds(state);
  return {
    key: `${uid} ${state.detail?.gone === undefined} ${state.generation}`,
    gates,
    intervalMs: listEveryMs,
    maxIntervalMs: listMostMs,
    fetch: async (gate) => {
      const found = await cluster.find(uid, {gates: [gate]});
      const rows = [...found.results].flatMap(([node, some]) => some.map((row) => ({...row, node})));
      return {rows, isKnown: found.outcomes.every(({status}) => status === 'ok')};
    },
    toActions: (_, all) => {
      const rows = [...all.values()].flatMap((found) => found.rows);
      const unknown = gates.filter((gate) => all.get(gate)?.isKnown !== true);
      return [{type: 'same-user', uid, rows, unknown}];
    },
  };
};

interface Found {
  readonly rows: readonly LocatedRow[];
  readonly isKnown: boolean;
}

function shownUser(state: State): string {
  const {name, subject = ''} = currentScreen(state);
  if (name === 'record') return subject;
  return name === 'session' && state.detail?.reference === subject
    ? (state.detail.session?.userId ?? '')
    : '';
}
