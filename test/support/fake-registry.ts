import type {ClusterNode, LookupOptions, Registration, Registry} from '../../src/registry/registry.js';

export const aNode = (id: string, fields: Partial<ClusterNode> = {}): ClusterNode => ({
  id,
  type: id.split('@')[0] ?? '',
  address: `mqant.gate.${id.replace('@', '.')}`,
  version: '1.0.0',
  metadata: {},
  subjectPerFunction: true,
  source: 'fake',
  ...fields,
});

/** A registry in memory. `become` changes it under the feet of those who watch. */
export class FakeRegistry implements Registry {
  readonly name = 'fake';
  lookups = 0;
  watches = 0;
  private readonly changed = new EventTarget();

  constructor(private current: readonly ClusterNode[] = []) {}

  become(nodes: readonly ClusterNode[]): void {
    this.current = nodes;
    this.changed.dispatchEvent(new Event('change'));
  }

  async nodes(type: string | undefined, _options?: LookupOptions): Promise<readonly ClusterNode[]> {
    this.lookups += 1;
    return this.ofType(type);
  }

  async *watch(type: string | undefined, signal: AbortSignal): AsyncGenerator<readonly ClusterNode[]> {
    this.watches += 1;
    while (!signal.aborted) {
      yield this.ofType(type);
      await this.nextChange(signal);
    }
  }

  async register(node: ClusterNode): Promise<Registration> {
    this.become([...this.current.filter(({id}) => id !== node.id), node]);
    return {
      close: async () => this.become(this.current.filter(({id}) => id !== node.id)),
      update: async (metadata) =>
        this.become(this.current.map((one) => (one.id === node.id ? {...one, metadata} : one))),
    };
  }

  async close(): Promise<void> {}

  private ofType(type: string | undefined): readonly ClusterNode[] {
    return this.current.filter((node) => type === undefined || node.type === type);
  }

  private nextChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.changed.removeEventListener('change', done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.changed.addEventListener('change', done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }
}
