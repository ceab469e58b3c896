import {isAddress, splitNodeId} from '../bus/address.js';
import {NegativeError} from '../errors.js';
import type {ClusterNode, Registry} from '../registry/registry.js';

/**
 * Finds nodes by id without asking the registry each time. The first question about a type starts a watch of it, so
 * a gate that goes is forgotten and one that comes back under a new address is found.
 */
export class NodeDirectory {
  private readonly types = new Map<string, Map<string, ClusterNode>>();
  private readonly stopping = new AbortController();
  private readonly watches: Promise<void>[] = [];

  constructor(
    private readonly registry: Registry,
    private readonly log: (message: string, error: unknown) => void,
  ) {}

  /** Rejects with NegativeError when the registry knows no such node, in mqant's words. */
  async find(nodeId: string): Promise<ClusterNode> {
    const [type] = splitNodeId(nodeId);
    const known = this.types.get(type) ?? this.startWatch(type);
    const node = known.get(nodeId) ?? (await this.lookUp(type, nodeId));
    if (node === undefined || !isAddress(node.address)) {
      throw new NegativeError(`Service not found id(${nodeId})`);
    }
    return node;
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.watches);
  }

  private async lookUp(type: string, nodeId: string): Promise<ClusterNode | undefined> {
    const nodes = await this.registry.nodes(type);
    const known = this.types.get(type);
    for (const node of nodes) known?.set(node.id, node);
    return nodes.find((node) => node.id === nodeId);
  }

  private startWatch(type: string): Map<string, ClusterNode> {
    const known = new Map<string, ClusterNode>();
    this.types.set(type, known);
    this.watches.push(
      this.watch(type, known).catch((error: unknown) => {
        this.types.delete(type); // the next question asks anew
        this.log(`the watch of "${type}" nodes ended`, error);
      }),
    );
    return known;
  }

  private async watch(type: string, known: Map<string, ClusterNode>): Promise<void> {
    for await (const nodes of this.registry.watch(type, this.stopping.signal)) {
      known.clear();
      for (const node of nodes) known.set(node.id, node);
    }
  }
}
