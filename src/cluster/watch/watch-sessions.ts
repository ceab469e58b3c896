import {onAbort} from '../../base/abort-signals.js';
import type {ClusterNode} from '../../registry/registry.js';
import {decodeEventPage} from '../../session/codec/event-page.js';
import type {GateApi} from '../../session/gate-api.js';
import type {AllGatesWatchQuery} from '../query-types.js';
import type {ClusterEvent} from './cluster-event.js';
import {EventQueue} from './event-queue.js';
import {GateEventWatch} from './gate-event-watch.js';

/** The bus as a source of events. */
export interface WatchBus {
  /** Calls `handler` with the messages of every subject `<inbox>.<token>`. The bytes are valid until it returns. */
  listen(handler: (token: string, bytes: Uint8Array) => void): {readonly inbox: string; close(): void};
  readonly connected: boolean;
  /** Calls the listener when a lost bus connection is restored. Returns a function that removes the listener. */
  onBack(listener: () => void): () => void;
}

interface WatchParts {
  readonly bus: WatchBus;
  /** Yields the gates now and after each change. */
  readonly gates: (signal: AbortSignal) => AsyncIterable<readonly ClusterNode[]>;
  readonly gateOf: (node: ClusterNode) => GateApi;
  /** Returns Unix milliseconds. */
  readonly now: () => number;
  /** Resolves after the given time, or when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Delay before the first call to a new gate. An mqant gate appears in etcd or consul before it has registered its
 * functions, and a call at that moment could crash it.
 */
const newGateMs = 2000;

/** Maximum number of events queued for a slow reader. */
const maxQueued = 50_000;

/**
 * Yields batches of the events of all gates, including new ones, until the signal aborts. Continues when gates or the bus
 * restart; possible losses are yielded as gaps.
 */
export async function* watchSessions(
  parts: WatchParts,
  query: AllGatesWatchQuery,
): AsyncGenerator<readonly ClusterEvent[], void, undefined> {
  const stop = new AbortController();
  const signal = AbortSignal.any([query.signal, stop.signal]);
  const watch = new ClusterWatch(parts, query, signal);
  onAbort(signal, () => watch.end());
  const following = watch.follow().catch((error: unknown) => {
    if (!signal.aborted) watch.fail(error);
  });
  try {
    yield* watch.queue.batches();
    watch.throwIfFailed();
  } finally {
    stop.abort();
    watch.close();
    await following;
  }
}

class ClusterWatch {
  readonly queue = new EventQueue<ClusterEvent>(maxQueued);
  private readonly gates = new Map<string, GateEventWatch>();
  private readonly byToken = new Map<string, GateEventWatch>();
  private readonly inbox: ReturnType<WatchBus['listen']>;
  private readonly stopBack: () => void;
  private tokens = 0;
  private failure: {readonly error: unknown} | undefined;
  private isOverflowing = false;

  constructor(
    private readonly parts: WatchParts,
    private readonly query: AllGatesWatchQuery,
    private readonly signal: AbortSignal,
  ) {
    this.inbox = parts.bus.listen((token, bytes) => this.byToken.get(token)?.hear(decodeEventPage(bytes)));
    this.stopBack = parts.bus.onBack(() => {
      for (const gate of this.gates.values()) gate.renewNow();
    });
  }

  /** Watches every gate in the registry. */
  async follow(): Promise<void> {
    const {gates} = this.query;
    let settlingMs = 0;
    for await (const nodes of this.parts.gates(this.signal)) {
      const wanted = nodes.filter(({id}) => gates === undefined || gates.includes(id));
      for (const [id, gate] of this.gates) {
        if (wanted.some((node) => node.id === id && node.address === gate.node.address)) continue;
        gate.stop();
        this.gates.delete(id);
        this.put({type: 'gate', node: id, at: this.parts.now(), state: 'gone', message: 'left the registry'});
      }
      for (const node of wanted) if (!this.gates.has(node.id)) this.start(node, settlingMs);
      settlingMs = newGateMs;
    }
  }

  /** Ends the watch. Gates that are unreachable at that time are reported as gaps. */
  end(): void {
    for (const gate of this.gates.values()) gate.end(this.parts.bus.connected);
    this.queue.end();
  }

  fail(error: unknown): void {
    this.failure = {error};
    this.queue.end();
  }

  throwIfFailed(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }

  close(): void {
    for (const gate of this.gates.values()) gate.stop();
    this.stopBack();
    this.inbox.close();
  }

  private start(node: ClusterNode, settlingMs: number): void {
    this.tokens += 1;
    const token = `w${this.tokens}`;
    const {gateOf, now, wait} = this.parts;
    const gate = new GateEventWatch({
      node,
      gate: gateOf(node),
      inbox: `${this.inbox.inbox}.${token}`,
      where: this.query.where,
      put: (event) => this.put(event),
      now,
      wait,
      // a node that answers discovery on the bus has registered its functions
      settlingMs: node.source === 'nats' ? 0 : settlingMs,
    });
    this.gates.set(node.id, gate);
    this.byToken.set(token, gate);
    void gate.run().finally(() => this.byToken.delete(token));
  }

  private put(event: ClusterEvent): void {
    if (this.isOverflowing) {
      const {node} = event;
      const why = 'events were dropped: the output is too slow';
      if (!this.queue.put({type: 'gap', node, at: this.parts.now(), why})) return;
      this.isOverflowing = false;
    }
    if (!this.queue.put(event)) this.isOverflowing = true;
  }
}
