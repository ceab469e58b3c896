import type {GateApi} from '../../session/gate-api.js';
import {UnsupportedError} from '../../session/node-kind.js';
import type {ObservedSessionRow} from '../../session/session.js';

/**
 * Returns the sessions of a uid on one gate. If the gate can't list them, returns none if it has none, and otherwise
 * rejects with UnsupportedError.
 */
export async function findUidOnGate(gate: GateApi, uid: string): Promise<readonly ObservedSessionRow[]> {
  try {
    return await gate.find(uid);
  } catch (error) {
    if (!(error instanceof UnsupportedError) || error.kind.role === 'other') throw error;
    if (!(await gate.isConnect(uid))) return [];
    const consequence = `, so it cannot tell which connection of "${uid}" it has`;
    throw new UnsupportedError(error.node, error.fn, error.kind, consequence);
  }
}
