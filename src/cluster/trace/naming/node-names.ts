import type {ClusterNode} from '../../../registry/registry.js';

/** Subjects that are looked up once; more would be somebody's flood of names. */
const mostRemembered = 10_000;

/** Whose a subject is: by the registry, and by its own words where it is one of ours. */
export class NodeNames {
  private byAddress = new Map<string, string>();
  private readonly remembered = new Map<string, string>();

  /** Those that have gone keep their names: calls to them are still on the way. */
  learn(nodes: readonly Pick<ClusterNode, 'id' | 'address'>[]): void {
    for (const {id, address} of nodes) this.byAddress.set(address, id);
    this.remembered.clear();
  }

  /** Empty when nobody knows. */
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
