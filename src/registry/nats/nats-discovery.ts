import {afterTimeout} from '../../base/abort-signals.js';
import {PermissionError} from '../../base/errors.js';
import type {Bus, BusMessage} from '../../bus/bus.js';
import type {ReplyInboxes} from '../../bus/rpc/reply-inboxes.js';
import {describeProcess, parseNode, processKey, sortNodes, tryParseJson} from '../node-record.js';
import {Registrations} from '../registrations.js';
import {
  type ClusterNode,
  type FunctionStats,
  type LookupOptions,
  natsDiscoveryName,
  type Registration,
  type Registry,
} from '../registry.js';
import {WakeSignal} from '../wake-signal.js';
import {KnownPeers, peerTtlMs} from './known-peers.js';
import {heartbeatSubject, NatsPresence} from './nats-presence.js';

interface DiscoveryOptions {
  readonly bus: Bus;
  readonly now?: (() => number) | undefined;
  /** How long a lookup waits after the last reply for nodes that were named by peers, in milliseconds. */
  readonly settleMs?: number | undefined;
  readonly beatMs?: number | undefined;
  readonly ttlMs?: number | undefined;
}

const defaultSettleMs = 60;
/** Up to this many silent nodes have probably stopped. */
const fewSilent = 8;
/**
 * How long to wait after the last reply if more nodes are silent: a process that starts a hundred gates may be silent
 * for a second.
 */
const manySilentWaitMs = 2000;

/** Discovery on the bus: finds the nodes that answer `$SRV.INFO`, and the peers named in their answers. */
export class NatsDiscovery implements Registry {
  readonly name = natsDiscoveryName;
  private readonly registrations = new Registrations();

  constructor(private readonly options: DiscoveryOptions) {}

  /**
   * Returns the nodes, including those that only a peer has named. Callers address those by name, and report them as
   * silent.
   */
  async nodes(
    type: string | undefined,
    {timeoutMs = 2000, signal, settleMs = this.options.settleMs ?? defaultSettleMs}: LookupOptions = {},
  ): Promise<readonly ClusterNode[]> {
    signal?.throwIfAborted();
    const lookup = new Lookup(this.options.bus, timeoutMs, settleMs);
    return sortNodes(await lookup.run(), type);
  }

  async *watch(
    type: string | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly ClusterNode[], void, undefined> {
    const {bus, now = Date.now, ttlMs = peerTtlMs, beatMs = 5000} = this.options;
    const peers = new KnownPeers(now, ttlMs);
    const news = new WakeSignal(signal);
    /** Nodes that said goodbye during the first lookup, after answering it. */
    let leftMeanwhile: Set<string> | undefined = new Set();
    const heartbeats = bus.subscribe(heartbeatSubject, ({data}) => {
      const value = tryParseJson(data);
      const node = parseNode(value, 'nats');
      if (node === undefined) return;
      const bye = (value as {readonly bye?: boolean}).bye === true;
      if (bye) leftMeanwhile?.add(node.id);
      if (bye ? peers.forget(node.id) : peers.hear(node)) news.signal();
    });
    const timer = setInterval(() => {
      if (peers.expire()) news.signal();
    }, beatMs);
    timer.unref();
    const stopStatus = bus.onStatus((status) => {
      if (status === 'reconnected') news.signal();
    });
    try {
      const found = await this.nodes(undefined, {signal});
      for (const node of found) if (!leftMeanwhile.has(node.id)) peers.hear(node);
      leftMeanwhile = undefined;
      do yield sortNodes(peers.nodes(), type);
      while (await news.next());
    } finally {
      clearInterval(timer);
      stopStatus();
      news.close();
      heartbeats.unsubscribe();
    }
  }

  /** Registers a node. Resolves once the server has the node's subscriptions. */
  async register(
    node: ClusterNode,
    stats?: () => readonly FunctionStats[],
    replies?: ReplyInboxes,
  ): Promise<Registration> {
    const {bus, now, beatMs, ttlMs} = this.options;
    const presence = new NatsPresence({bus, node, stats, replies, now, beatMs, ttlMs});
    await bus.flush();
    return this.registrations.add(presence);
  }

  close(): Promise<void> {
    return this.registrations.closeAll();
  }
}

const question = '$SRV.INFO';

const refusal = (
  what: string,
  hint = 'list the required permissions: gatectl doctor --permissions',
): PermissionError =>
  new PermissionError(`NATS denies permission to ${what}, so the gates cannot be found`, {hint});

/** Sends a request to all nodes. Rejects with PermissionError if NATS denies the request or its replies. */
class Lookup {
  private readonly answered = new Set<string>();
  private readonly found = new Map<string, ClusterNode>();
  /** Processes that answered, by node id and process key. */
  private readonly processes = new Map<string, Map<string, string>>();
  private stopSettling: () => void = () => {};
  private done: () => void = () => {};

  constructor(
    private readonly bus: Bus,
    private readonly timeoutMs: number,
    private readonly settleMs: number,
  ) {}

  async run(): Promise<Iterable<ClusterNode>> {
    const inbox = this.bus.newInbox();
    let refuse = (_: Error): void => {};
    const finished = new Promise<void>((resolve, reject) => {
      this.done = resolve;
      refuse = reject;
    });
    const onDenied = (): void =>
      refuse(refusal(`subscribe to "${inbox}"`, 'the permissions may require --inbox-prefix'));
    const subscription = this.bus.subscribe(inbox, (message) => this.onAnswer(message), {onDenied});
    const stopDenied = this.bus.onDenied(({operation, subject}) => {
      if (operation === 'publish' && subject === question) refuse(refusal(`publish to "${question}"`));
    });
    const stopDeadline = afterTimeout(this.timeoutMs, this.done);
    try {
      this.bus.publish(question, new Uint8Array(0), inbox);
      await finished;
    } finally {
      stopDeadline();
      this.stopSettling();
      subscription.unsubscribe();
      stopDenied();
    }
    return this.found.values();
  }

  private onAnswer({data, noResponders}: BusMessage): void {
    if (noResponders) {
      this.done();
      return;
    }
    const {metadata} = (tryParseJson(data) ?? {}) as {readonly metadata?: Readonly<Record<string, unknown>>};
    const node = parseNode(tryParseJson(String(metadata?.['node'])), 'nats');
    if (node === undefined) return; // a service that is not an mqant node
    this.answered.add(node.id);
    this.found.set(node.id, this.counted(node));
    const peers = tryParseJson(String(metadata?.['peers']));
    for (const value of Array.isArray(peers) ? peers : []) {
      const peer = parseNode(value, 'nats');
      if (peer !== undefined && !this.found.has(peer.id)) this.found.set(peer.id, peer);
    }
    this.stopSettling();
    this.stopSettling = afterTimeout(this.waitMs(), this.done);
  }

  private counted(node: ClusterNode): ClusterNode {
    const processes = this.processes.get(node.id) ?? new Map<string, string>();
    this.processes.set(node.id, processes.set(processKey(node), describeProcess(node)));
    return processes.size < 2 ? node : {...node, processes: [...processes.values()]};
  }

  /**
   * Returns how long to wait for further replies. A single node may have no peers yet. If all named nodes have
   * answered, only few can be missing. A few silent nodes have probably stopped; many are probably late, on a busy
   * machine, and may name further nodes.
   */
  private waitMs(): number {
    const silent = this.found.size - this.answered.size;
    if (silent === 0) return this.settleMs / 3;
    return silent > fewSilent ? Math.max(this.settleMs, manySilentWaitMs) : this.settleMs;
  }
}
