import {NegativeError} from '../../base/errors.js';
import {wildcardMatcher} from '../../base/wildcard-matcher.js';
import type {GateInfo} from '../../session/gate-api.js';
import type {GateServiceState} from '../../session/gate-health.js';
import {reportsLastActivity} from '../../session/node-kind.js';
import type {Cluster} from '../cluster.js';
import {incompleteError} from '../incomplete-error.js';

/** A gate to drain. */
export interface GateToDrain {
  readonly gate: string;
  /** Undefined if the gate does not report it. */
  readonly state: GateServiceState | undefined;
  /** Undefined if the gate can't list its sessions. */
  readonly sessions: number | undefined;
  /** Whether the gate can refuse new sessions. */
  readonly canRefuse: boolean;
  /** Whether the gate reports when its clients were last active. */
  readonly reportsActivity: boolean;
}

/** A gate that clients of the drained gates may connect to. */
export interface ReconnectGate {
  readonly gate: string;
  readonly sessions: number;
  /** Undefined if there is no limit. */
  readonly maxSessions: number | undefined;
}

export interface DrainPlan {
  readonly gates: readonly GateToDrain[];
  readonly others: readonly ReconnectGate[];
}

/**
 * Reads the state of the gates to drain, and of the gates that their clients can connect to. In names, `*` matches
 * any string. Rejects with NegativeError if no gate matches a pattern, and with PartialError if a named gate does not
 * answer.
 */
export async function planDrain(cluster: Cluster, names: readonly string[]): Promise<DrainPlan> {
  const chosen = await gateIdsNamed(cluster, names);
  const [asked, all] = await Promise.all([cluster.info(chosen), cluster.info()]);
  const silent = asked.outcomes.filter(({status, reason}) => status === 'failed' && reason !== 'unsupported');
  if (silent.length > 0) throw incompleteError('cannot drain', asked.outcomes);
  return {
    gates: asked.expected.map(({id}) => toDrain(id, asked.results.get(id))),
    others: [...all.results]
      .filter(([id, {state}]) => !chosen.includes(id) && state !== 'draining')
      .map(([gate, {sessions, admission}]) => ({
        ...{gate, sessions},
        maxSessions: admission?.limits.maxSessions || undefined, // 0 is no limit
      })),
  };
}

/** Returns the ids of the named gates, each once. */
export async function gateIdsNamed(cluster: Cluster, names: readonly string[]): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (const name of names) {
    if (!name.includes('*')) {
      ids.add(name);
      continue;
    }
    const matching = (await cluster.gates()).filter(({id}) => wildcardMatcher(id)(name));
    if (matching.length === 0)
      throw new NegativeError(`no gate matches "${name}"`, {hint: 'gatectl gates list'});
    for (const {id} of matching) ids.add(id);
  }
  return [...ids];
}

function toDrain(gate: string, info: GateInfo | undefined): GateToDrain {
  return {
    gate,
    state: info?.state,
    sessions: info?.sessions,
    canRefuse: info?.functions.includes('GatectlDrain') === true,
    reportsActivity: info !== undefined && reportsLastActivity(info.software),
  };
}

/** Number of sessions that the other gates can still take; undefined if one of them has no limit. */
export function remainingSessionCapacity({others}: DrainPlan): number | undefined {
  let free = 0;
  for (const {sessions, maxSessions} of others) {
    if (maxSessions === undefined) return undefined;
    free += Math.max(0, maxSessions - sessions);
  }
  return free;
}
