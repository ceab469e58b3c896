import type {ClusterNode, Registry} from '../../registry/registry.js';
import {decodeEventPage} from '../../session/codec/event-page.js';
import type {GateApi} from '../../session/gate-api.js';
import type {WatchQueryAll} from '../queries.js';
import type {ClusterEvent} from './cluster-event.js';
import {EventQueue} from './event-queue.js';
import {GateWatch} from './gate-watch.js';

/** The end of the bus that events come in by. */
export interface EventBus {
  /** `handler` hears every subject `<inbox>.<token>`; the bytes are only valid until it returns. */
  listen(handler: (token: string, bytes: Uint8Array) => void): {readonly inbox: string; close(): void};
  readonly connected: boolean;
  /** Calls back when the bus was lost and is there again. */
  onBack(listener: () => void): () => void;
}

interface WatchParts {
  readonly bus: EventBus;
  readonly registry: Registry;
  readonly gateType: string;
  readonly gateOf: (node: ClusterNode) => GateApi;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Resolves after so long, or when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** An mqant gate is in etcd or consul before its functions are there, and a call then could hurt it. */
const newGateMs = 2000;

/** Events that wait for a slow reader at most. */
const mostWaiting = 50_000;

/**
 * Events of all gates as they happen, of gates that come later too, until the signal aborts. It survives restarts of
 * gates and of the bus; what may have been missed is told as a gap.
 */
export async function* watchSessions(
  parts: WatchParts,
  query: WatchQueryAll,
): AsyncGenerator<ClusterEvent, void, undefined> {
  const stop = new AbortController();
  const signal = AbortSignal.any([query.signal, stop.signal]);
  const watch = new ClusterWatch(parts, query, signal);
  signal.addEventListener('abort', () => watch.end(), {once: true});
  const following = watch.follow().catch((error: unknown) => {
    if (!signal.aborted) watch.fail(error);
  });
  try {
    yield* watch.queue;
    watch.throwIfFailed();
  } finally {
    stop.abort();
    watch.close();
    await following;
  }
}

class ClusterWatch {
  readonly queue = new EventQueue<ClusterEvent>(mostWaiting);
  private readonly gates = new Map<string, GateWatch>();
  private readonly byToken = new Map<string, GateWatch>();
  private readonly inbox: ReturnType<EventBus['listen']>;
  private readonly stopBack: () => void;
  private tokens = 0;
  private failure: {readonly error: unknown} | undefined;
  private isOverflowing = false;

  constructor(
    private readonly parts: WatchParts,
    private readonly query: WatchQueryAll,
    private readonly signal: AbortSignal,
  ) {
    this.inbox = parts.bus.listen((token, bytes) => this.byToken.get(token)?.hear(decodeEventPage(bytes)));
    this.stopBack = parts.bus.onBack(() => {
      for (const gate of this.gates.values()) gate.renewNow();
    });
  }

  /** Keeps a watch on every gate that the registry names. */
  async follow(): Promise<void> {
    const {registry, gateType} = this.parts;
    const {gates} = this.query;
    let settlingMs = 0;
    for await (const nodes of registry.watch(gateType, this.signal)) {
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

  /** Reports the gates that can't be heard now as gaps: what happened there since is not known. */
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
    const gate = new GateWatch({
      node,
      gate: gateOf(node),
      inbox: `${this.inbox.inbox}.${token}`,
      where: this.query.where,
      put: (event) => this.put(event),
      now,
      wait,
      // who answers for itself on the bus has all its functions by then
      settlingMs: node.source === 'nats' ? 0 : settlingMs,
    });
    this.gates.set(node.id, gate);
    this.byToken.set(token, gate);
    void gate.run().finally(() => this.byToken.delete(token));
  }

  private put(event: ClusterEvent): void {
    if (this.isOverflowing) {
      const {node} = event;
      const why = 'more came than could be shown';
      if (!this.queue.put({type: 'gap', node, at: this.parts.now(), why})) return;
      this.isOverflowing = false;
    }
    if (!this.queue.put(event)) this.isOverflowing = true;
  }
}
