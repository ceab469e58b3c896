import {hostname} from 'node:os';
import {pid} from 'node:process';
import {randomHex} from '../base/random.js';
import {instanceMetadataKey} from './node-record.js';
import type {ClusterNode, Registry} from './registry.js';

/** Creates the record for a node in this process. */
export function describeOwnNode(
  registry: Pick<Registry, 'name'>,
  node: Pick<ClusterNode, 'id' | 'type' | 'address' | 'version' | 'subjectPerFunction'>,
): ClusterNode {
  return {
    ...node,
    // keys that every mqant node has; registries recognise mqant services by `server`
    metadata: {
      hostname: hostname(),
      pid: String(pid),
      server: 'rpc',
      registry: registry.name,
      [instanceMetadataKey]: randomHex(4),
    },
    source: registry.name,
  };
}
