import type {ClusterNode} from '../registry.js';

/** mqant's RegisterTTL: a node that was silent for so long is gone. */
export const peerTtlMs = 20_000;

/** Nodes heard of, each for a time. The clock is handed in. */
export class Peers {
  private readonly heard = new Map<string, {readonly node: ClusterNode; readonly at: number}>();

  constructor(
    private readonly now: () => number,
    private readonly ttlMs = peerTtlMs,
  ) {}

  /** How many were heard of, those included whose time is up since they were last looked at. */
  get size(): number {
    return this.heard.size;
  }

  /** True when the set of nodes changed by it. */
  hear(node: ClusterNode): boolean {
    const before = this.heard.get(node.id);
    this.heard.set(node.id, {node, at: this.now()});
    return before === undefined || before.node.address !== node.address;
  }

  forget(id: string): boolean {
    return this.heard.delete(id);
  }

  /** Drops the silent; true when there were any. */
  expire(): boolean {
    const oldest = this.now() - this.ttlMs;
    const silent = [...this.heard].filter(([, {at}]) => at < oldest);
    for (const [id] of silent) this.heard.delete(id);
    return silent.length > 0;
  }

  nodes(): ClusterNode[] {
    this.expire();
    return [...this.heard.values()].map(({node}) => node);
  }
}
