import type {ClusterNode} from '../../../registry/registry.js';

/** Limits the cached subjects, in case of a flood of names. */
const maxRemembered = 10_000;

/** Maps subjects to node ids, from the registry or, for gatectl's nodes, from the subject itself. */
export class NodeNames {
  private byAddress = new Map<string, string>();
  private readonly remembered = new Map<string, string>();

  /** Adds nodes. Nodes that have left are kept, because calls to them may be in flight. */
  learn(nodes: readonly Pick<ClusterNode, 'id' | 'address'>[]): void {
    for (const {id, address} of nodes) this.byAddress.set(address, id);
    this.remembered.clear();
  }

  /** Returns the id of the node that a subject belongs to; empty if the node is unknown. */
  of(subject: string): string {
    const known = this.remembered.get(subject);
    if (known !== undefined) return known;
    const node = this.find(subject);
    if (this.remembered.size < maxRemembered) this.remembered.set(subject, node);
    return node;
  }

  private find(subject: string): string {
    const dot = subject.lastIndexOf('.');
    const known = this.byAddress.get(subject) ?? this.byAddress.get(subject.slice(0, dot));
    if (known !== undefined) return known;
    const [, type, id] = /^mqant\.(?:gate|module)\.([^.]+)\.([^.]+)(?:\.[^.]+)?$/.exec(subject) ?? [];
    return type === undefined ? '' : `${type}@${id}`;
  }
}
