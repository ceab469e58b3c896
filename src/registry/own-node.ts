import {hostname} from 'node:os';
import {pid} from 'node:process';
import {randomHex} from '../base/random.js';
import {instanceKey} from './node-record.js';
import type {ClusterNode, Registry} from './registry.js';

/** The record of a node that runs in this process. */
export function ownNode(
  registry: Pick<Registry, 'name'>,
  node: Pick<ClusterNode, 'id' | 'type' | 'address' | 'version' | 'subjectPerFunction'>,
): ClusterNode {
  return {
    ...node,
    // the keys that every mqant node carries; `server` is how its registries tell mqant services from others
    metadata: {
      hostname: hostname(),
      pid: String(pid),
      server: 'rpc',
      registry: registry.name,
      [instanceKey]: randomHex(4),
    },
    source: registry.name,
  };
}
