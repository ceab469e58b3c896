import type {ReplyInboxes} from '../bus/rpc/reply-inboxes.js';

/** A node of the cluster as its registry describes it. */
export interface ClusterNode {
  /** `<type>@<id>`. */
  readonly id: string;
  readonly type: string;
  /** Subject that takes any function of the node; checked by `isAddress` before it is used. */
  readonly address: string;
  /** The module's own version string: not the version of mqant. */
  readonly version: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether `<address>.<Fn>` takes that one function (our gates), so that NATS permissions can tell verbs apart. */
  readonly subjectPerFunction: boolean;
  /** Where the record came from, for people: `nats`, `etcd`, `static` … */
  readonly source: string;
  /** Processes that answered as this node, where there was more than one: `pid 7 on host`. */
  readonly processes?: readonly string[] | undefined;
}

/** Calls answered by one function of a node. */
export interface FunctionStats {
  readonly name: string;
  /** The subject that takes it. */
  readonly subject: string;
  readonly calls: number;
  readonly errors: number;
}

/** Keeps a node in the registry until `close`. */
export interface Registration {
  close(): Promise<void>;
  /** Writes the node down again: another process of its id may have taken the record along. Never rejects. */
  restore?(): Promise<void>;
}

export interface LookupOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Where nodes answer for themselves: after the last news, so long is waited for those who are slow. */
  readonly settleMs?: number | undefined;
}

/** Who is in the cluster. One interface for on-bus discovery, etcd, consul and a static list. */
export interface Registry {
  /** For messages, without credentials: `nats discovery`, `etcd http://127.0.0.1:2379` … */
  readonly name: string;
  /** Nodes of one type, or of all; sorted by id, each once. Rejects with UnreachableError. */
  nodes(type: string | undefined, options?: LookupOptions): Promise<readonly ClusterNode[]>;
  /** The set now and after every change, until the signal aborts; survives restarts of the registry. */
  watch(type: string | undefined, signal: AbortSignal): AsyncIterable<readonly ClusterNode[]>;
  /**
   * `stats` is asked whenever somebody wants the node's counters, and `replies` decides where a node that answers for itself
   * on the bus may do so; registries that do neither ignore them.
   */
  register(
    node: ClusterNode,
    stats?: () => readonly FunctionStats[],
    replies?: ReplyInboxes,
  ): Promise<Registration>;
  close(): Promise<void>;
}
