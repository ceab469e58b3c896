import {isCallableAddress} from '../bus/node-address.js';
import type {ClusterNode} from './registry.js';

type Fields = Readonly<Record<string, unknown>>;

/** Metadata key of nodes that also have a subject per function, `<address>.<Fn>`. */
const perFunctionKey = 'gatectl.subjectPerFunction';

/** Metadata key that distinguishes two processes with the same node id, pid and host, as may occur in containers. */
export const instanceMetadataKey = 'gatectl.instance';

/** JSON form of a node in heartbeats, in the metadata of `$SRV.INFO`, and in etcd. */
interface NodeRecord {
  readonly id: string;
  readonly address: string;
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export function nodeToRecord({id, address, version, metadata, subjectPerFunction}: ClusterNode): NodeRecord {
  return {
    id,
    address,
    version,
    metadata: {...metadata, ...(subjectPerFunction ? {[perFunctionKey]: '1'} : {})},
  };
}

/** Parses a node in untrusted JSON; returns undefined if it is invalid. */
export function parseNode(value: unknown, source: string): ClusterNode | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const {id, address, version, metadata} = value as Fields;
  if (typeof id !== 'string' || typeof address !== 'string' || !isCallableAddress(address)) return undefined;
  const at = id.indexOf('@');
  if (at < 1 || id.length > 255 || id.indexOf('@', at + 1) >= 0) return undefined;
  const texts = textsOf(metadata);
  return {
    id,
    type: id.slice(0, at),
    address,
    version: typeof version === 'string' ? version : '',
    metadata: texts,
    subjectPerFunction: texts[perFunctionKey] === '1',
    source,
  };
}

function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}

/** Returns text for messages that identifies a process: `pid 7 on host`, or its address if these are unknown. */
export function describeProcess({metadata, address}: Pick<ClusterNode, 'metadata' | 'address'>): string {
  const {pid, hostname} = metadata;
  if (pid === undefined) return `the process at ${address}`;
  return hostname === undefined ? `pid ${pid}` : `pid ${pid} on ${hostname}`;
}

/** Returns a key that distinguishes processes with the same node id. */
export function processKey(node: Pick<ClusterNode, 'metadata' | 'address'>): string {
  return [describeProcess(node), node.metadata[instanceMetadataKey], node.address].join(' ');
}

/**
 * Sorts nodes by id and removes duplicates; the last record of an id wins. In mqant, a service's version groups also
 * form one list.
 */
export function sortNodes(nodes: Iterable<ClusterNode>, type: string | undefined): readonly ClusterNode[] {
  const byId = new Map<string, ClusterNode>();
  for (const node of nodes) if (type === undefined || node.type === type) byId.set(node.id, node);
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Parses untrusted JSON; returns undefined if it is invalid. */
export function tryParseJson(bytes: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}
