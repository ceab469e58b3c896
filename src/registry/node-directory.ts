import {isNodeAddress} from '../bus/address.js';
import {defaultReplyInboxes, isUnderInbox} from '../bus/rpc/reply-inboxes.js';
import type {ClusterNode, Registry} from './registry.js';

interface DirectoryOptions {
  readonly registry: Registry;
  /** Allowed prefixes of mqant nodes' addresses; default: `_INBOX` and `_INBOX_<role>`. */
  readonly inboxes?: readonly string[] | undefined;
  /** Receives a line when a watch ends. */
  readonly log: (message: string, error: unknown) => void;
  /** Unix milliseconds. */
  readonly now?: (() => number) | undefined;
}

/** Clients choose the names, so a missing one costs at most one registry lookup in this time. */
const lookupPauseMs = 1000;
/** A watch that ends immediately, because the registry is unreachable or refuses access, is restarted after this time. */
const watchPauseMs = 1000;
/** Time allowed for slow nodes: otherwise a client would be told that the module doesn't exist. */
const patientMs = 1500;

/**
 * Finds nodes without a registry lookup each time. The first request starts one watch of all types, so that a node that
 * leaves is dropped and one that returns under a new address is found.
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
  /** Time at which a watch ended without delivering anything. */
  private refusedAt = Number.NEGATIVE_INFINITY;
  /** Logged reason of the last end of the watch; undefined after a delivery. */
  private logged: string | undefined;

  constructor(private readonly options: DirectoryOptions) {
    this.now = options.now ?? Date.now;
  }

  /** Resolves with undefined when the registry has no such node. Rejects with UnreachableError when it is unreachable. */
  find(nodeId: string): Promise<ClusterNode | undefined> {
    return this.answer(() => this.byId.get(nodeId));
  }

  /** Returns the nodes of a type sorted by id. */
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

  /** Starts the watch on the first request, and again when it has ended. */
  private keepWatching(): void {
    if (this.watching !== undefined || this.now() - this.refusedAt < watchPauseMs) return;
    this.watching = this.watch().finally(() => {
      this.watching = undefined;
    });
  }

  /** Concurrent requests share one lookup. */
  private refresh(): Promise<void> {
    if (this.lookup !== undefined) return this.lookup;
    if (this.now() - this.lookedUpAt < lookupPauseMs) return Promise.resolve();
    this.lookup = this.options.registry
      .nodes(undefined, {signal: this.stopping.signal, settleMs: patientMs})
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

  /** Otherwise anyone who may write to the registry could make this node publish to any subject. */
  private isCallable({address, source}: ClusterNode): boolean {
    const {inboxes = defaultReplyInboxes} = this.options;
    return source === 'static' || isNodeAddress(address) || isUnderInbox(address, inboxes);
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
