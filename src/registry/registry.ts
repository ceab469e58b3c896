import type {ReplyInboxes} from '../bus/rpc/reply-inboxes.js';

/** A cluster node as the registry describes it. */
export interface ClusterNode {
  /** `<type>@<id>`. */
  readonly id: string;
  readonly type: string;
  /** Subject that accepts all functions of the node; `isAddress` must accept it before use. */
  readonly address: string;
  /** The module's own version, not mqant's. */
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** True when each function also has its own subject `<address>.<Fn>`, so that NATS permissions can distinguish functions. */
  readonly subjectPerFunction: boolean;
  /** Source of the record, for display: `nats`, `etcd`, `static` … */
  readonly source: string;
  /** Processes that answered under this id, if more than one: `pid 7 on host`. */
  readonly processes?: readonly string[] | undefined;
}

/** Call counters of one function of a node. */
export interface FunctionStats {
  readonly name: string;
  /** Subject of the function. */
  readonly subject: string;
  readonly calls: number;
  readonly errors: number;
}

/** Keeps a node in the registry until `close`. */
export interface Registration {
  close(): Promise<void>;
  /**
   * Replaces the node's metadata. Never rejects: if the registry is unreachable, the next renewal writes it. A static list
   * ignores it.
   */
  update(metadata: ClusterNode['metadata']): Promise<void>;
  /** Writes the registration again, since another process with this id may have removed it. Never rejects. */
  restore?(): Promise<void>;
}

export interface LookupOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For on-bus discovery: how long to wait for slow nodes after the last reply. */
  readonly settleMs?: number | undefined;
}

/** Name of the registry that needs no server besides NATS. Unmodified mqant nodes are not in it. */
export const discoveryName = 'NATS discovery';

/** Finds and registers cluster nodes: on-bus discovery, etcd, consul or a static list. */
export interface Registry {
  /** For messages, without credentials: `nats discovery`, `etcd http://127.0.0.1:2379` … */
  readonly name: string;
  /** Returns the nodes of one type or all, sorted by id without duplicates. Rejects with UnreachableError. */
  nodes(type: string | undefined, options?: LookupOptions): Promise<readonly ClusterNode[]>;
  /** Yields the set of nodes now and after each change until the signal aborts; survives restarts of the registry. */
  watch(type: string | undefined, signal: AbortSignal): AsyncIterable<readonly ClusterNode[]>;
  /**
   * `stats` returns the node's counters on request. `replies` decides where a node may reply to discovery requests on the
   * bus. Registries that need neither ignore them.
   */
  register(
    node: ClusterNode,
    stats?: () => readonly FunctionStats[],
    replies?: ReplyInboxes,
  ): Promise<Registration>;
  close(): Promise<void>;
}
