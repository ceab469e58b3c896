import {maxConnections} from '../../session/connection-state.js';
import type {LiveCluster} from '../cluster.js';
import type {Target} from './bulk.js';

/** Number of clients that have no subscription for a topic. */
export interface Unsubscribed {
  readonly count: number;
  /** Number of clients whose gates reported their subscriptions. */
  readonly known: number;
}

/**
 * Returns how many targets have no subscription that matches the topic. Asks about the first 1,000 targets on each
 * gate. (Gates push to such clients too.) Clients on gates that do not know, or do not answer, are not counted.
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
