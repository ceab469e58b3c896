import type {AllGatesCountQuery, ClusterReader} from '../../cluster/cluster.js';

/** Returns the number of matching sessions on all gates; undefined if a gate does not answer. */
export async function countListing(
  cluster: ClusterReader,
  query: AllGatesCountQuery,
): Promise<number | undefined> {
  const {results, expected} = await cluster.count(query);
  if (results.size < expected.length) return undefined;
  return [...results.values()].reduce((sum, {sessions}) => sum + sessions, 0);
}
