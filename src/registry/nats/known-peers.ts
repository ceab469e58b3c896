import type {ClusterNode} from '../registry.js';

/** mqant's RegisterTTL: a node that is silent for this long is gone. */
export const peerTtlMs = 20_000;

/** Known peers, each with a time to live. */
export class KnownPeers {
  private readonly heard = new Map<string, {readonly node: ClusterNode; readonly at: number}>();

  constructor(
    private readonly now: () => number,
    private readonly ttlMs = peerTtlMs,
  ) {}

  /** Number of known peers, including expired ones that have not been removed yet. */
  get size(): number {
    return this.heard.size;
  }

  /** Records a heartbeat. Returns true if the set of nodes changed. */
  hear(node: ClusterNode): boolean {
    const before = this.heard.get(node.id);
    this.heard.set(node.id, {node, at: this.now()});
    return before === undefined || before.node.address !== node.address;
  }

  forget(id: string): boolean {
    return this.heard.delete(id);
  }

  /** Removes expired peers. Returns true if there were any. */
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
