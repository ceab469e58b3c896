import type {ClusterNode} from '../../../registry/registry.js';

/** Bounds the cached subjects against a flood of names. */
const mostRemembered = 10_000;

/** Node ids by subject: from the registry, or from the subject itself for gatectl's nodes. */
export class NodeNames {
  private byAddress = new Map<string, string>();
  private readonly remembered = new Map<string, string>();

  /** Names of nodes that have left are kept, because calls to them may be in flight. */
  learn(nodes: readonly Pick<ClusterNode, 'id' | 'address'>[]): void {
    for (const {id, address} of nodes) this.byAddress.set(address, id);
    this.remembered.clear();
  }

  /** Returns an empty text if the node is unknown. */
  of(subject: string): string {
    const known = this.remembered.get(subject);
    if (known !== undefined) return known;
    const node = this.find(subject);
    if (this.remembered.size < mostRemembered) this.remembered.set(subject, node);
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
