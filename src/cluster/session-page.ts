import type {GateApi} from '../session/gate-api.js';
import type {LocatedRow, SessionsQuery} from './cluster.js';
import type {Page} from './stream.js';

/** A page, and how it was come by. */
export interface SessionsPage extends Page<LocatedRow> {
  /** Rows that the gate sent. */
  readonly looked: number;
  /** The gate did all that was asked of it: filter and order. */
  readonly answered: boolean;
}

/** A page of one gate's sessions. What the gate did not filter is filtered here, by the clock of the gate. */
export async function pageOf(
  gate: GateApi,
  query: SessionsQuery & {readonly after: string},
): Promise<SessionsPage> {
  const {after, where, order, signal} = query;
  const page = await gate.list({after, where: where?.text, ...wanted(query), sort: order?.text}, {signal});
  const {nodeId} = gate;
  const now = page.now ?? Date.now();
  const rows =
    where === undefined || page.filtered === true
      ? page.rows
      : page.rows.filter((row) => where.matches(row, nodeId, now));
  const answered =
    (where === undefined || page.filtered === true) && (order === undefined || page.sorted === true);
  return {
    rows: rows.map((row) => ({...row, node: nodeId, observedAt: page.now})),
    next: page.next,
    looked: page.rows.length,
    answered,
  };
}

/** Without a filter of its own, a gate would make small pages of a small limit, most of them for nothing. */
function wanted({where, order, limit}: SessionsQuery): {readonly limit?: number | undefined} {
  return where === undefined || order !== undefined ? {limit} : {};
}
