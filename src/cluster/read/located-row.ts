import {CallError} from '../../base/errors.js';
import type {GateApi} from '../../session/gate-api.js';
import type {ObservedSessionRow} from '../../session/session.js';
import type {LocatedRow, LocatedSession} from '../result-types.js';

/**
 * Returns the row of a located session, with times and counts, and with the state of its connection and its
 * subscriptions if the gate reports them. Undefined if the gate can't provide the row, as with a stock gate, or if the
 * session has closed meanwhile.
 */
export async function readLocatedRow(
  gate: GateApi,
  located: LocatedSession,
): Promise<LocatedRow | undefined> {
  const row = (await known(connectionRow(gate, located))) ?? (await known(listedRow(gate, located)));
  return row && {...row, node: located.node.id};
}

/** Returns undefined if the gate refuses: the session is known, only its row is not. */
async function known(row: Promise<ObservedSessionRow | undefined>): Promise<ObservedSessionRow | undefined> {
  try {
    return await row;
  } catch (error) {
    if (error instanceof CallError) return undefined;
    throw error;
  }
}

async function connectionRow(
  gate: GateApi,
  {session}: LocatedSession,
): Promise<ObservedSessionRow | undefined> {
  const {rows, now} = await gate.connections({sessions: [session.sessionId], subscriptions: true});
  const [row] = rows;
  return row && {...row, observedAt: now};
}

/** For a gate without GatectlConnections: looks up users by uid, and guests by a filter. */
async function listedRow(gate: GateApi, {session}: LocatedSession): Promise<ObservedSessionRow | undefined> {
  const {sessionId, userId} = session;
  if (userId !== '') return (await gate.find(userId)).find((one) => one.session.sessionId === sessionId);
  const page = await gate.list({where: `id == ${JSON.stringify(sessionId)}`, limit: 1});
  const [row] = page.filtered === true ? page.rows : [];
  return row && {...row, observedAt: page.now};
}
