import {isGatectlNodeAddress} from '../bus/node-address.js';
import {defaultReplyInboxes, isUnderInbox} from '../bus/rpc/reply-inboxes.js';
import type {ClusterNode, Registry} from './registry.js';

interface DirectoryOptions {
  readonly registry: Registry;
  /** Inboxes in which mqant nodes' addresses must be; by default `_INBOX` and `_INBOX_<role>`. */
  readonly inboxes?: readonly string[] | undefined;
  /** Called when a watch ends. */
  readonly log: (message: string, error: unknown) => void;
  /** Returns Unix milliseconds. */
  readonly now?: (() => number) | undefined;
}

/**
 * Minimum interval between lookups in the registry: clients choose the names, so missing ones must not cause more.
 */
const lookupPauseMs = 1000;
/**
 * Delay before a watch is restarted that ended immediately, because the registry is unreachable or refuses access.
 */
const watchPauseMs = 1000;
/** How long to wait for slow nodes. Without them, a client would be told that the module doesn't exist. */
const slowNodesMs = 1500;

/**
 * Finds nodes without a lookup in the registry each time. The first request starts a watch of all types, so nodes
 * that leave are removed, and nodes that return with a new address are found.
 */
export class NodeDirectory {
  private readonly byId = new Map<string, ClusterNode>();
  private readonly byType = new Map<string, ClusterNode[]>();
  private readonly stopping = new AbortController();
  private readonly now: () => number;
  private watching: Promise<void> | undefined;
  private heardNews: () => void = () => {};
  /** Resolves when the watch has delivered its first set of nodes. */
  private readonly firstNews = new Promise<void>((resolve) => {
    this.heardNews = resolve;
  });
  private lookup: Promise<void> | undefined;
  private lookedUpAt = Number.NEGATIVE_INFINITY;
  /** When a watch last ended without delivering anything. */
  private refusedAt = Number.NEGATIVE_INFINITY;
  /** Last logged reason why the watch ended; undefined after a delivery. */
  private logged: string | undefined;

  constructor(private readonly options: DirectoryOptions) {
    this.now = options.now ?? Date.now;
  }

  /**
   * Resolves with the node; undefined if the registry does not have it. Rejects with UnreachableError if the registry
   * is unreachable.
   */
  find(nodeId: string): Promise<ClusterNode | undefined> {
    return this.answer(() => this.byId.get(nodeId));
  }

  /** Returns the nodes of a type, sorted by id. */
  async ofType(type: string): Promise<readonly ClusterNode[]> {
    return (await this.answer(() => this.byType.get(type))) ?? [];
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.watching;
  }

  private async answer<T>(read: () => T | undefined): Promise<T | undefined> {
    this.keepWatching();
    const known = read();
    if (known !== undefined) return known;
    if (this.watching !== undefined) await Promise.race([this.firstNews, this.watching]);
    const found = read();
    if (found !== undefined) return found;
    await this.refresh();
    return read();
  }

  /** Starts the watch on the first request, and again after it has ended. */
  private keepWatching(): void {
    if (this.watching !== undefined || this.now() - this.refusedAt < watchPauseMs) return;
    this.watching = this.watch().finally(() => {
      this.watching = undefined;
    });
  }

  /** Looks up all nodes in the registry. Concurrent requests share one lookup. */
  private refresh(): Promise<void> {
    if (this.lookup !== undefined) return this.lookup;
    if (this.now() - this.lookedUpAt < lookupPauseMs) return Promise.resolve();
    this.lookup = this.options.registry
      .nodes(undefined, {signal: this.stopping.signal, settleMs: slowNodesMs})
      .then((nodes) => this.add(nodes))
      .finally(() => {
        this.lookup = undefined;
        this.lookedUpAt = this.now();
      });
    return this.lookup;
  }

  private async watch(): Promise<void> {
    let hasNews = false;
    try {
      const {signal} = this.stopping;
      for await (const nodes of this.options.registry.watch(undefined, signal)) {
        this.byId.clear();
        this.byType.clear();
        this.add(nodes);
        this.heardNews();
        hasNews = true;
        this.logged = undefined;
      }
    } catch (error) {
      if (!this.stopping.signal.aborted) this.logOnce(error);
      if (!hasNews) this.refusedAt = this.now();
    }
  }

  /**
   * Returns true if a node may be called. Without this check, anyone who may write to the registry could make this
   * node publish to any subject.
   */
  private isCallable({address, source}: ClusterNode): boolean {
    const {inboxes = defaultReplyInboxes} = this.options;
    return source === 'static' || isGatectlNodeAddress(address) || isUnderInbox(address, inboxes);
  }

  private logOnce(error: unknown): void {
    if (this.logged === String(error)) return;
    this.logged = String(error);
    this.options.log('the watch of the registry ended', error);
  }

  private add(nodes: readonly ClusterNode[]): void {
    for (const node of nodes) {
      if (!this.isCallable(node)) continue;
      this.byId.set(node.id, node);
      const others = (this.byType.get(node.type) ?? []).filter(({id}) => id !== node.id);
      this.byType.set(
        node.type,
        [...others, node].sort((a, b) => (a.id < b.id ? -1 : 1)),
      );
    }
  }
}
