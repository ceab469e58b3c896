import {CallError} from '../../base/errors.js';
import type {GateApi} from '../../session/gate-api.js';
import type {Located, LocatedRow} from '../answers.js';

/**
 * The row of a session that was located: its times and counts. Undefined where the gate has no rows to give, as a stock
 * gate, or the session has gone meanwhile. A user's is found by the uid; a guest's by a filter, where the gate filters.
 */
export async function locatedRow(gate: GateApi, {node, session}: Located): Promise<LocatedRow | undefined> {
  const {sessionId, userId} = session;
  try {
    if (userId !== '') {
      const rows = await gate.find(userId);
      const row = rows.find((one) => one.session.sessionId === sessionId);
      return row && {...row, node: node.id};
    }
    const page = await gate.list({where: `id == ${JSON.stringify(sessionId)}`, limit: 1});
    const [row] = page.filtered === true ? page.rows : [];
    return row && {...row, node: node.id, observedAt: page.now};
  } catch (error) {
    if (error instanceof CallError) return undefined; // the session itself is known all the same
    throw error;
  }
}
