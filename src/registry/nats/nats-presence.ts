import type {Bus, BusMessage, BusSubscription} from '../../bus/bus.js';
import {splitNodeId} from '../../bus/node-address.js';
import {ReplyInboxes} from '../../bus/rpc/reply-inboxes.js';
import {nodeToRecord, parseNode, tryParseJson} from '../node-record.js';
import type {ClusterNode, FunctionStats, Registration} from '../registry.js';
import {KnownPeers, peerTtlMs} from './known-peers.js';

export const heartbeatSubject = 'mqant.discovery.beat';
const beatIntervalMs = 5_000;
/**
 * Maximum greeting delay per known peer, in milliseconds. Peers greet a new node after a random delay, so that greetings
 * don't burst.
 */
const greetingMsPerPeer = 2;
const maxGreetingMs = 300;

interface PresenceOptions {
  readonly bus: Bus;
  readonly node: ClusterNode;
  /** Returns the node's functions and counters, for replies to `$SRV.INFO` and `$SRV.STATS`. */
  readonly stats?: (() => readonly FunctionStats[]) | undefined;
  /** Allowed reply inboxes; by default `_INBOX` and `_INBOX_<role>`. */
  readonly replies?: ReplyInboxes | undefined;
  readonly now?: (() => number) | undefined;
  readonly beatMs?: number | undefined;
  readonly ttlMs?: number | undefined;
}

/** Members of a heartbeat besides the node. `bye` means that the node is leaving. */
interface Beat {
  readonly bye?: boolean;
}

/**
 * Announces a node on the bus: answers the NATS services protocol (`$SRV.PING|INFO|STATS`, so `nats micro ls` lists
 * the node), sends heartbeats, and remembers its peers. A suspended node can't answer, but its peers name it until
 * its TTL ends, so a lookup knows that it should exist.
 */
export class NatsPresence implements Registration {
  private readonly subscriptions: BusSubscription[] = [];
  private readonly peers: KnownPeers;
  private readonly replies: ReplyInboxes;
  private readonly timer: NodeJS.Timeout;
  private greeting: NodeJS.Timeout | undefined;
  private readonly started: string;
  private readonly stopStatus: () => void;
  private node: ClusterNode;

  constructor(private readonly options: PresenceOptions) {
    const {bus, node, now = Date.now, beatMs = beatIntervalMs, ttlMs = peerTtlMs} = options;
    this.node = node;
    this.peers = new KnownPeers(now, ttlMs);
    this.replies = options.replies ?? new ReplyInboxes();
    this.started = new Date(now()).toISOString();
    this.subscriptions.push(bus.subscribe(heartbeatSubject, (message) => this.onBeat(message)));
    for (const verb of ['PING', 'INFO', 'STATS'] as const) {
      for (const subject of this.subjectsOf(verb)) {
        this.subscriptions.push(bus.subscribe(subject, (message) => this.onRequest(verb, message)));
      }
    }
    this.timer = setInterval(() => this.beat(), beatMs);
    this.timer.unref();
    this.stopStatus = bus.onStatus((status) => {
      if (status === 'reconnected') this.beat();
    });
    this.beat();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    clearTimeout(this.greeting);
    this.stopStatus();
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.publish(heartbeatSubject, {...nodeToRecord(this.node), bye: true});
    if (this.options.bus.connected) await this.options.bus.flush().catch(() => {}); // without a connection, the goodbye can't be sent
  }

  async update(metadata: ClusterNode['metadata']): Promise<void> {
    this.node = {...this.node, metadata};
    this.beat();
  }

  async restore(): Promise<void> {
    this.beat();
  }

  private subjectsOf(verb: string): string[] {
    const {name, id} = this.service();
    return [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${id}`];
  }

  private service(): {readonly name: string; readonly id: string} {
    const [type, id] = splitNodeId(this.node.id);
    return {name: `mqant-${type}`, id};
  }

  private beat(): void {
    this.publish(heartbeatSubject, nodeToRecord(this.node));
  }

  private onBeat({data}: BusMessage): void {
    const value = tryParseJson(data);
    const node = parseNode(value, 'nats');
    if (node === undefined) return;
    if ((value as Beat).bye === true) this.peers.forget(node.id);
    else if (this.peers.hear(node) && node.id !== this.node.id) this.greet();
  }

  /**
   * Sends a heartbeat to a new node, which knows no peers yet and may soon be the only one that can name this node.
   */
  private greet(): void {
    const withinMs = Math.min(maxGreetingMs, this.peers.size * greetingMsPerPeer);
    this.greeting ??= setTimeout(() => {
      this.greeting = undefined;
      this.beat();
    }, Math.random() * withinMs).unref();
  }

  private onRequest(verb: 'PING' | 'INFO' | 'STATS', {reply}: BusMessage): void {
    if (reply === undefined || !this.replies.allows(reply, `$SRV.${verb}`)) return;
    const {
      node,
      options: {stats = () => []},
    } = this;
    const kind = verb.toLowerCase();
    const version = /^\d+\.\d+\.\d+/.test(node.version) ? node.version : '0.0.0';
    const identity = {
      type: `io.nats.micro.v1.${kind}_response`,
      ...this.service(),
      version,
      metadata: this.metadata(),
    };
    const functions = verb === 'PING' ? [] : stats();
    if (verb === 'PING') this.publish(reply, identity);
    else if (verb === 'INFO') {
      const endpoints = functions.map(({name, subject}) => ({name, subject, queue_group: '', metadata: {}}));
      this.publish(reply, {...identity, description: `mqant ${node.type} node ${node.id}`, endpoints});
    } else this.publish(reply, {...identity, started: this.started, endpoints: functions.map(endpointStats)});
  }

  private metadata(): Record<string, string> {
    const {node} = this;
    const peers = peersAfter(this.peers.nodes(), node.id);
    return {node: JSON.stringify(nodeToRecord(node)), peers: JSON.stringify(peers.map(nodeToRecord))};
  }

  private publish(subject: string, value: unknown): void {
    const {bus} = this.options;
    if (!bus.connected) return; // a heartbeat follows after the reconnect
    bus.publish(subject, Buffer.from(JSON.stringify(value)));
  }
}

/** Maximum number of peers that a node names. */
const maxNamedPeers = 32;

export function peersAfter(nodes: readonly ClusterNode[], id: string): readonly ClusterNode[] {
  const others = nodes.filter((node) => node.id !== id).sort((one, other) => (one.id < other.id ? -1 : 1));
  const first = others.findIndex((node) => node.id > id);
  const turned = first < 0 ? others : [...others.slice(first), ...others.slice(0, first)];
  return turned.slice(0, maxNamedPeers);
}

function endpointStats({name, subject, calls, errors}: FunctionStats) {
  return {
    name,
    subject,
    queue_group: '',
    num_requests: calls,
    num_errors: errors,
    last_error: '',
    processing_time: 0,
    average_processing_time: 0,
  };
}
