import type {ReplyInboxes} from '../bus/rpc/reply-inboxes.js';

/** A cluster node as described by the registry. */
export interface ClusterNode {
  /** `<type>@<id>`. */
  readonly id: string;
  readonly type: string;
  /** Subject on which the node accepts calls of all functions. Must be checked with `isPublishableAddress` before use. */
  readonly address: string;
  /** Version of the module itself, not of mqant. */
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * True if each function also has a subject of its own, `<address>.<Fn>`, so that NATS permissions can distinguish
   * functions.
   */
  readonly subjectPerFunction: boolean;
  /** Where the record is from, for display: `nats`, `etcd`, `static` … */
  readonly source: string;
  /** Processes that answered with this id, such as `pid 7 on host`, if there are several. */
  readonly processes?: readonly string[] | undefined;
}

/** Call counters for one function of a node. */
export interface FunctionStats {
  readonly name: string;
  /** Subject of the function. */
  readonly subject: string;
  readonly calls: number;
  readonly errors: number;
}

/** A node's registration. The node stays in the registry until `close`. */
export interface Registration {
  close(): Promise<void>;
  /**
   * Replaces the node's metadata. Never rejects: if the registry is unreachable, the next renewal writes it. A static
   * list ignores it.
   */
  update(metadata: ClusterNode['metadata']): Promise<void>;
  /** Writes the registration again, because another process with this id may have removed it. Never rejects. */
  restore?(): Promise<void>;
}

export interface LookupOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For discovery on the bus: how long to wait for slow nodes after the last reply, in milliseconds. */
  readonly settleMs?: number | undefined;
}

/** Name of the registry that needs no server other than NATS. Unmodified mqant nodes are not in it. */
export const natsDiscoveryName = 'NATS discovery';

/** Finds and registers nodes: through discovery on the bus, etcd, consul or a static list. */
export interface Registry {
  /** Name for messages, without credentials: `NATS discovery`, `etcd http://127.0.0.1:2379` … */
  readonly name: string;
  /** Returns the nodes of one type, or all nodes, sorted by id without duplicates. Rejects with UnreachableError. */
  nodes(type: string | undefined, options?: LookupOptions): Promise<readonly ClusterNode[]>;
  /**
   * Yields the set of nodes now and after each change until the signal aborts. Continues when the registry restarts.
   */
  watch(type: string | undefined, signal: AbortSignal): AsyncIterable<readonly ClusterNode[]>;
  /**
   * Registers a node. `stats` returns the node's counters on request; `replies` decides where the node may reply to
   * discovery requests on the bus. Registries that don't need these ignore them.
   */
  register(
    node: ClusterNode,
    stats?: () => readonly FunctionStats[],
    replies?: ReplyInboxes,
  ): Promise<Registration>;
  close(): Promise<void>;
}
