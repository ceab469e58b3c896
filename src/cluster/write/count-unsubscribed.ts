import {maxConnectionsPerQuery} from '../../session/connection-state.js';
import type {LiveCluster} from '../cluster.js';
import type {Target} from './paced-writes.js';

/** Number of clients that have subscribed to other topics only. */
export interface UnsubscribedCount {
  readonly count: number;
  /** Number of clients with subscriptions, as far as the gates reported them. */
  readonly known: number;
}

/**
 * Returns how many targets have subscriptions, none of which matches the topic. Asks about the first 1,000 targets on
 * each gate. Clients without any subscription are not counted, because a mqant client receives pushes without one;
 * neither are clients on gates that do not know, or do not answer.
 */
export async function countUnsubscribed(
  cluster: LiveCluster,
  targets: readonly Target[],
  topic: string,
): Promise<UnsubscribedCount> {
  const byGate = new Map<string, string[]>();
  for (const {node, id} of targets) {
    const ids = byGate.get(node) ?? [];
    byGate.set(node, ids);
    if (ids.length < maxConnectionsPerQuery) ids.push(id);
  }
  const {results} = await cluster.each(
    (gate, {id}) => gate.connections({sessions: byGate.get(id) ?? [], topic}),
    {gates: [...byGate.keys()]},
  );
  const known = [...results.values()]
    .flatMap(({rows}) => rows)
    .flatMap(({connectionState: state}) =>
      state?.subscribed !== undefined && (state.subscriptionCount ?? 0) > 0 ? [state.subscribed] : [],
    );
  return {count: known.filter((subscribed) => !subscribed).length, known: known.length};
}
