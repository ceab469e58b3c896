import {isNodeAddress} from '../bus/address.js';
import {defaultReplyInboxes, isUnderInbox} from '../bus/rpc/reply-inboxes.js';
import type {ClusterNode, Registry} from './registry.js';

export interface DirectoryOptions {
  readonly registry: Registry;
  /** Nodes of mqant have addresses under these prefixes; NATS inboxes and those of the roles when not given. */
  readonly inboxes?: readonly string[] | undefined;
  /** Hears of a watch that ended. */
  readonly log: (message: string, error: unknown) => void;
  /** Unix milliseconds. */
  readonly now?: (() => number) | undefined;
}

/** Names come from clients, so what is not there costs the registry one lookup in this time at most. */
const lookupPauseMs = 1000;
/** A watch that ends at once, because the registry is away or refuses us, is started again by a question after this time. */
const watchPauseMs = 1000;
/** Who is slow to answer is not missing: a client would be told that there is no such module. */
const patientMs = 1500;

/**
 * Finds nodes without asking the registry each time: one watch of all types, which the first question starts, so that
 * a node that goes is forgotten and one that comes back under a new address is found.
 */
export class NodeDirectory {
  private readonly byId = new Map<string, ClusterNode>();
  private readonly byType = new Map<string, ClusterNode[]>();
  private readonly stopping = new AbortController();
  private readonly now: () => number;
  private watching: Promise<void> | undefined;
  private heardNews: () => void = () => {};
  /** Resolves once the watch has told who is there. */
  private readonly firstNews = new Promise<void>((resolve) => {
    this.heardNews = resolve;
  });
  private lookup: Promise<void> | undefined;
  private lookedUpAt = Number.NEGATIVE_INFINITY;
  /** When a watch ended that had told nothing. */
  private refusedAt = Number.NEGATIVE_INFINITY;
  /** What was logged of the watch's end; undefined after news. */
  private logged: string | undefined;

  constructor(private readonly options: DirectoryOptions) {
    this.now = options.now ?? Date.now;
  }

  /** Undefined when the registry has no such node. Rejects with UnreachableError when it can't be asked. */
  find(nodeId: string): Promise<ClusterNode | undefined> {
    return this.answer(() => this.byId.get(nodeId));
  }

  /** Nodes of a type, in order of their ids; empty when there are none. */
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

  /** The first question starts the watch, and a later one starts another if it has ended. */
  private keepWatching(): void {
    if (this.watching !== undefined || this.now() - this.refusedAt < watchPauseMs) return;
    this.watching = this.watch().finally(() => {
      this.watching = undefined;
    });
  }

  /** All who ask at once share one lookup. */
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

  /** Whoever may write to the registry would else have this node publish to any subject in its own name. */
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
