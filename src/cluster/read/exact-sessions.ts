import {CallError, NoSessionError} from '../../base/errors.js';
import type {Selector} from '../../selector/selector.js';
import type {GateApi} from '../../session/gate-api.js';
import type {ObservedSessionRow} from '../../session/session.js';
import type {LiveCluster} from '../cluster.js';
import type {GateOutcome, LocatedRow} from '../result-types.js';
import {readLocatedRow} from './located-row.js';

/** All sessions of one gate that match a selector. */
interface ExactSessions {
  readonly rows: readonly LocatedRow[];
  readonly outcome: GateOutcome;
}

/**
 * Looks up the uid or id that a selector requires (`uid == "u1" && …`), so the result is complete even for a gate
 * that can't filter. Resolves with undefined if the selector requires neither, or the gate can't look it up.
 */
export async function exactSessionsOnGate(
  cluster: LiveCluster,
  gate: string,
  where: Selector | undefined,
): Promise<ExactSessions | undefined> {
  const {uid, id} = where?.names ?? {};
  if (where === undefined || (uid === undefined && id === undefined)) return undefined;
  const {results, outcomes} = await cluster.each<readonly ObservedSessionRow[] | undefined>(
    (one, node) => (id === undefined ? foundOn(one, uid ?? '') : namedOn(one, {id, node})),
    {gates: [gate]},
  );
  const [outcome] = outcomes;
  if (outcome === undefined) return undefined;
  if (outcome.status === 'ok' && results.get(gate) === undefined) return undefined;
  const rows = (results.get(gate) ?? []).map((row) => ({...row, node: gate}));
  const taken = rows.filter((row) => where.matches(row, gate, row.observedAt ?? Date.now()));
  return {rows: taken, outcome: {...outcome, count: taken.length}};
}

/**
 * Returns the sessions of a uid; undefined if the gate can't list them. A stock gate can only confirm that it has
 * none.
 */
async function foundOn(gate: GateApi, uid: string): Promise<readonly ObservedSessionRow[] | undefined> {
  try {
    return await gate.find(uid);
  } catch (error) {
    if (!(error instanceof CallError) || error.reason !== 'unsupported') throw error;
    return (await gate.isConnect(uid)) ? undefined : [];
  }
}

async function namedOn(
  gate: GateApi,
  {id, node}: {readonly id: string; readonly node: Parameters<typeof readLocatedRow>[1]['node']},
): Promise<readonly ObservedSessionRow[]> {
  try {
    const session = await gate.update(id);
    const row = await readLocatedRow(gate, {node, session});
    const unknown = {connectedAt: 0, lastActiveAt: 0, received: Number.NaN, sent: Number.NaN};
    return [row ?? {session, ...unknown}];
  } catch (error) {
    if (error instanceof NoSessionError) return [];
    throw error;
  }
}
