import {CallError} from '../../base/errors.js';
import type {GateApi} from '../../session/gate-api.js';
import type {Located, LocatedRow} from '../answers.js';

/**
 * The row of a located session, with times and counts. Found by uid for users, and by a filter for guests.
 * Undefined if the gate can't provide it, as a stock gate, or the session has closed meanwhile.
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
    if (error instanceof CallError) return undefined; // the session is known without its row
    throw error;
  }
}
