import type {GateApi} from '../session/gate-api.js';
import type {LocatedRow, SessionsQuery} from './cluster.js';
import type {Page} from './stream.js';

/** A page of one gate's sessions. What the gate did not filter is filtered here, by the clock of the gate. */
export async function pageOf(
  gate: GateApi,
  query: SessionsQuery & {readonly after: string},
): Promise<Page<LocatedRow>> {
  const {after, where, signal} = query;
  // Without a filter of its own, a gate would make small pages of a small limit, most of them for nothing.
  const limit = where === undefined ? query.limit : undefined;
  const page = await gate.list({after, limit, where: where?.text}, {signal});
  const {nodeId} = gate;
  const now = page.now ?? Date.now();
  const wanted =
    where === undefined || page.filtered === true
      ? page.rows
      : page.rows.filter((row) => where.matches(row, nodeId, now));
  return {rows: wanted.map((row) => ({...row, node: nodeId, observedAt: page.now})), next: page.next};
}
