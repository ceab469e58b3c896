import type {Cluster, CountQueryAll} from '../../cluster/cluster.js';

/** How many sessions there are in all; undefined when a gate does not say. */
export async function listingTotal(cluster: Cluster, query: CountQueryAll): Promise<number | undefined> {
  const {results, expected} = await cluster.count(query);
  if (results.size < expected.length) return undefined;
  return [...results.values()].reduce((sum, {sessions}) => sum + sessions, 0);
}
