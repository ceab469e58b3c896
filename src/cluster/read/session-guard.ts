import type {GateApi} from '../../session/gate-api.js';
import {UnsupportedError} from '../../session/node-kind.js';
import type {SessionsQuery} from '../queries.js';
import {PageGuard} from './page-guard.js';

export interface SessionGuardOptions extends Pick<SessionsQuery, 'where' | 'signal'> {
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** Sessions that a gate looks at for one page at least, however busy it is. */
const looksPerPage = 10;

/** Watches over one gate's listing of sessions, by the gate's own count of them. */
export function sessionGuard(gate: GateApi, {where, signal, timeoutMs, now}: SessionGuardOptions): PageGuard {
  return new PageGuard({
    node: gate.nodeId,
    fn: 'GatectlList',
    claim: async () => await counted(gate, signal),
    looksPerPage,
    leastRowsPerPage: where === undefined ? 2 : undefined, // even the largest sessions fit several times into a page
    silenceMs: timeoutMs * (where === undefined ? 1 : 5), // a filter may leave nothing of many pages
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
