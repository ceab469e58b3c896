import type {GateApi} from '../../session/gate-api.js';
import {UnsupportedError} from '../../session/node-kind.js';
import type {SessionsQuery} from '../queries.js';
import {PageGuard} from './page-guard.js';

export interface SessionGuardOptions extends Pick<SessionsQuery, 'where' | 'signal'> {
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** Fewest sessions that a busy gate examines for one page. */
const looksPerPage = 10;

/** Guards one gate's listing of sessions with the gate's own session count. */
export function sessionGuard(gate: GateApi, {where, signal, timeoutMs, now}: SessionGuardOptions): PageGuard {
  return new PageGuard({
    node: gate.nodeId,
    fn: 'GatectlList',
    claim: async () => await counted(gate, signal),
    looksPerPage,
    leastRowsPerPage: where === undefined ? 2 : undefined, // several of the largest sessions fit into a page
    silenceMs: timeoutMs * (where === undefined ? 1 : 5), // longer with a filter, because many pages may be empty
    now,
  });
}

/** Undefined for a gate that lists and can't count. */
async function counted(gate: GateApi, signal: AbortSignal | undefined): Promise<number | undefined> {
  try {
    return (await gate.count({}, {signal})).sessions;
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}
