import type {GateApi} from '../../session/gate-api.js';
import {UnsupportedError} from '../../session/node-kind.js';
import type {ObservedRow} from '../../session/session.js';

/** A gate that cannot list a uid's sessions may still report that it has none. */
export async function findOnGate(gate: GateApi, uid: string): Promise<readonly ObservedRow[]> {
  try {
    return await gate.find(uid);
  } catch (error) {
    if (!(error instanceof UnsupportedError) || error.kind.role === 'other') throw error;
    if (!(await gate.isConnect(uid))) return [];
    const consequence = `, so it cannot tell which connection of "${uid}" it has`;
    throw new UnsupportedError(error.node, error.fn, error.kind, consequence);
  }
}
