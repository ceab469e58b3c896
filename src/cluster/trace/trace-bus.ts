import {onAbort} from '../../base/abort-signals.js';
import {GatectlError} from '../../base/errors.js';
import type {Bus, BusMessage} from '../../bus/bus.js';
import type {ClusterNode, Registry} from '../../registry/registry.js';
import {roleInboxes} from '../access/permissions.js';
import {CaptureFileWriter} from './capture/capture-file.js';
import {listenToBus, tappedSubjects} from './listen-to-bus.js';
import {NodeNames} from './naming/node-names.js';
import type {TraceQuery} from './trace-query.js';
import {TraceState} from './trace-state.js';
import type {TraceEvent} from './traced-call.js';

export interface TraceBusDeps {
  /**
   * Opens a separate connection, which reconnects, so that a flood of messages can't break the operator's own
   * connection.
   */
  readonly openTap: () => Promise<Bus>;
  readonly registry: Registry;
  readonly timeoutMs: number;
  /** Inbox prefix of the operator's own calls. */
  readonly inboxPrefix: string | undefined;
  /** Unix milliseconds with fractions; never decreases. */
  readonly now: () => number;
}

const tickMs = 250;
/** NATS reports "no responders" only for subjects without any subscriber, and a trace subscribes to all. */
const sideEffect = 'during the trace, calls to stopped nodes fail only after their timeout';

/**
 * Traces calls on the bus until the signal aborts; the last event is a summary. Only listens. Rejects with
 * PermissionError if NATS does not permit the subscriptions, and with UsageError for an invalid subject.
 */
export async function* traceBus(
  parts: TraceBusDeps,
  query: TraceQuery,
): AsyncGenerator<TraceEvent, void, undefined> {
  const trace = await LiveTrace.open(parts, query);
  try {
    yield* trace.run.queue;
    trace.throwIfFailed();
  } finally {
    await trace.close();
  }
  yield {type: 'summary', summary: trace.run.summary(trace.endedAt), final: true};
}

class LiveTrace {
  readonly run: TraceState;
  endedAt = 0;
  private readonly stops: (() => void)[] = [];
  private readonly stopping = new AbortController();
  private failure: {readonly error: unknown} | undefined;
  private lostAt: number | undefined;
  private following: Promise<void> = Promise.resolve();

  private constructor(
    private readonly parts: TraceBusDeps,
    private readonly bus: Bus,
    private readonly names: NodeNames,
    private readonly query: TraceQuery,
    private readonly capture: CaptureFileWriter | undefined,
  ) {
    this.run = new TraceState(query, names, parts.now());
  }

  static async open(parts: TraceBusDeps, query: TraceQuery): Promise<LiveTrace> {
    const {saveTo: name} = query;
    const bus = await parts.openTap();
    let trace: LiveTrace | undefined;
    try {
      const at = new Date(parts.now()).toISOString();
      const capture =
        name === undefined ? undefined : await CaptureFileWriter.create(name, {at, server: bus.server});
      trace = new LiveTrace(parts, bus, new NodeNames(), query, capture);
      await trace.begin();
      return trace;
    } catch (error) {
      await (trace === undefined ? bus.close() : trace.close());
      throw error;
    }
  }

  throwIfFailed(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }

  async close(): Promise<void> {
    this.stopping.abort();
    for (const stop of this.stops.splice(0)) stop();
    if (this.endedAt === 0) this.end();
    await this.bus.close();
    await this.following;
    await this.capture?.close(this.endedAt);
    this.run.notSaved = this.capture?.notSaved ?? 0;
  }

  private async begin(): Promise<void> {
    const {parts, bus, query} = this;
    this.stops.push(bus.onStatus((status) => this.onBusStatus(status)));
    const nodes = await this.lookUp();
    const own = parts.inboxPrefix === undefined ? [] : [`${parts.inboxPrefix}.>`];
    const subjects = tappedSubjects(nodes, [...own, ...(query.subjects ?? [])]);
    const stopListening = await listenToBus(bus, subjects, {
      hear: (message) => this.hear(message),
      onOptionalDenied: (subject) => this.run.notice(parts.now(), notObserved(subject)),
      onDenied: (error) => this.fail(error),
    });
    this.run.notice(parts.now(), `listening on ${shown(subjects)}: ${sideEffect}`);
    this.following = this.follow();
    const timer = setInterval(() => this.run.tick(parts.now()), tickMs);
    this.stops.push(
      stopListening,
      () => clearInterval(timer),
      onAbort(query.signal, () => this.end()),
    );
  }

  /** Returns the nodes of the registry. If it fails, calls are still traced, but nodes are shown by address. */
  private async lookUp(): Promise<readonly ClusterNode[]> {
    const {registry, timeoutMs, now} = this.parts;
    try {
      const nodes = await registry.nodes(undefined, {timeoutMs});
      this.learn(nodes);
      return nodes;
    } catch (error) {
      if (!(error instanceof GatectlError)) throw error;
      this.run.notice(now(), `${error.message}: nodes are shown by their addresses`);
      return [];
    }
  }

  private hear({subject, data}: BusMessage): void {
    const heard = {at: this.parts.now(), subject, data};
    this.run.hear(heard);
    this.capture?.add({kind: 'message', ...heard});
  }

  /** Keeps node names up to date with the registry. */
  private async follow(): Promise<void> {
    const {signal} = this.stopping;
    try {
      for await (const nodes of this.parts.registry.watch(undefined, signal)) this.learn(nodes);
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    }
  }

  private learn(nodes: readonly ClusterNode[]): void {
    this.names.learn(nodes);
    const named = nodes.map(({id, address}) => ({id, address}));
    this.capture?.add({kind: 'nodes', at: this.parts.now(), nodes: named});
  }

  private onBusStatus(status: string): void {
    const now = this.parts.now();
    if (status === 'disconnected') this.lostAt ??= now;
    if (status === 'reconnected') this.endGap(now);
  }

  private endGap(now: number): void {
    if (this.lostAt === undefined) return;
    const lostFor = ((now - this.lostAt) / 1000).toFixed(1);
    const why = `the bus connection was lost for ${lostFor} s: calls in that time are unknown`;
    this.lostAt = undefined;
    this.run.gap(now, why);
    this.capture?.add({kind: 'gap', at: now, why});
  }

  private fail(error: unknown): void {
    this.failure ??= {error};
    this.end();
  }

  private end(): void {
    if (this.endedAt !== 0) return;
    this.endedAt = this.parts.now();
    this.endGap(this.endedAt);
    this.run.end(this.endedAt);
  }
}

/** Formats the subjects without the roles' inboxes, which are always included. */
const shown = (subjects: readonly string[]): string =>
  subjects.filter((subject) => !roleInboxes.includes(subject)).join(', ');

const notObserved = (subject: string): string =>
  `replies on ${subject} are not observed: NATS denies permission`;
