import {maxConnections} from '../../session/connection-state.js';
import type {LiveCluster} from '../cluster.js';
import type {Target} from './bulk.js';

/** How many clients lack a subscription for a topic. */
export interface Unsubscribed {
  readonly count: number;
  /** Clients whose gates know their subscriptions. */
  readonly known: number;
}

/**
 * Asks the gates which of the targets have no subscription that matches the topic: the first 1,000 on each gate. Gates push
 * to those clients too. Clients on gates that do not know, or do not answer, count as neither.
 */
export async function findUnsubscribed(
  cluster: LiveCluster,
  targets: readonly Target[],
  topic: string,
): Promise<Unsubscribed> {
  const byGate = new Map<string, string[]>();
  for (const {node, id} of targets) {
    const ids = byGate.get(node) ?? [];
    byGate.set(node, ids);
    if (ids.length < maxConnections) ids.push(id);
  }
  const {results} = await cluster.each(
    (gate, {id}) => gate.connections({sessions: byGate.get(id) ?? [], topic}),
    {gates: [...byGate.keys()]},
  );
  const known = [...results.values()]
    .flatMap(({rows}) => rows)
    .flatMap(({connectionState}) => connectionState?.subscribed ?? []);
  return {count: known.filter((subscribed) => !subscribed).length, known: known.length};
}
