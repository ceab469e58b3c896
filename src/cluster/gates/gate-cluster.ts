import {setTimeout as sleep} from 'node:timers/promises';
import type {StringBag} from '../../session/session.js';
import type {SettingsEdit} from '../../session/settings-edit.js';
import type {ClusterProbe} from '../access/probe-bus.js';
import type {Cluster} from '../cluster.js';
import type {AllGatesWatchQuery, DeliverOptions, LocateOptions} from '../query-types.js';
import {duplicateNodeError} from '../read/gather.js';
import type {
  DeliverResult,
  Gathered,
  KickResult,
  LocatedSession,
  SessionBeforeAfter,
} from '../result-types.js';
import type {TapTraffic} from '../stock/continuous-bus-tap.js';
import type {TraceQuery} from '../trace/trace-query.js';
import type {TraceEvent} from '../trace/traced-call.js';
import type {ClusterEvent} from '../watch/cluster-event.js';
import {watchSessions} from '../watch/watch-sessions.js';
import {applyBulkAction, type BulkAction, targetsPerCall} from '../write/bulk-action.js';
import {type BulkOptions, runPacedWrites, type Target, type TargetOutcome} from '../write/paced-writes.js';
import {
  changeSession,
  deliverToSession,
  editSettingsOnGate,
  kickSession,
  withVerificationHint,
} from '../write/session-writes.js';
import {GateReader} from './gate-reader.js';

/** A cluster of the gates in a registry: reads, writes and watches sessions. */
export class GateCluster extends GateReader implements Cluster {
  async *watch(query: AllGatesWatchQuery): AsyncGenerator<ClusterEvent, void, undefined> {
    for await (const events of this.watchBatches(query)) yield* events;
  }

  watchBatches(query: AllGatesWatchQuery): AsyncIterable<readonly ClusterEvent[]> {
    const {bus, gateOf} = this.options;
    const wait = async (ms: number, signal: AbortSignal): Promise<void> => {
      await sleep(ms, undefined, {signal}).catch(() => {});
    };
    const gates = (signal: AbortSignal) => this.directory.watch(signal);
    const events = watchSessions({bus, gates, gateOf, now: Date.now, wait}, query);
    return this.stock.watch(events, query, () => this.gates());
  }

  tapCost(): TapTraffic | undefined {
    return this.stock.cost();
  }

  async *trace(query: TraceQuery): AsyncIterable<TraceEvent> {
    const {traceBus} = await import('../trace/trace-bus.js'); // loaded on demand: it is a tenth of what a short command loads
    const {registry, timeoutMs, tap} = this.options;
    yield* traceBus({registry, timeoutMs, ...tap}, query);
  }

  /**
   * Locates a session for a write. Rejects if several processes share its gate's id: the write could reach one that
   * lacks the session, without an error.
   */
  private async locateToWrite(reference: string, options?: LocateOptions): Promise<LocatedSession> {
    const located = await this.locate(reference, options);
    const duplicate = duplicateNodeError(located.node);
    if (duplicate !== undefined) throw duplicate;
    return located;
  }

  async send(
    reference: string,
    topic: string,
    body: Uint8Array,
    options?: LocateOptions,
  ): Promise<LocatedSession> {
    const located = await this.locateToWrite(reference, options);
    const gate = this.gate(located.node);
    await withVerificationHint(located, () => gate.send(located.session.sessionId, topic, body));
    return located;
  }

  async deliver(reference: string, message: DeliverOptions): Promise<DeliverResult> {
    const located = await this.locateToWrite(reference, message);
    return await deliverToSession(located, this.gate(located.node), message);
  }

  broadcast(topic: string, body: Uint8Array, gates?: readonly string[]): Promise<Gathered<number>> {
    return this.each((gate) => gate.broadcast(topic, body), {gates, countOf: (count) => count});
  }

  async bind(reference: string, uid: string, options?: LocateOptions): Promise<SessionBeforeAfter> {
    const located = await this.locateToWrite(reference, options);
    return await changeSession(located, this.gate(located.node), (gate, id) => gate.bind(id, uid));
  }

  async unbind(reference: string, options?: LocateOptions): Promise<SessionBeforeAfter> {
    const located = await this.locateToWrite(reference, options);
    return await changeSession(located, this.gate(located.node), (gate, id) => gate.unbind(id));
  }

  async setSettings(
    reference: string,
    entries: StringBag,
    options?: LocateOptions,
  ): Promise<SessionBeforeAfter> {
    const located = await this.locateToWrite(reference, options);
    return await changeSession(located, this.gate(located.node), (gate, id) => gate.push(id, entries));
  }

  async unsetSettings(
    reference: string,
    keys: readonly string[],
    options?: LocateOptions,
  ): Promise<SessionBeforeAfter> {
    const located = await this.locateToWrite(reference, options);
    return await changeSession(located, this.gate(located.node), async (gate, id) => {
      let after = located.session;
      for (const key of keys) after = await gate.remove(id, key);
      return after;
    });
  }

  async editSettings(
    reference: string,
    edit: SettingsEdit,
    options?: LocateOptions,
  ): Promise<SessionBeforeAfter> {
    const located = await this.locateToWrite(reference, options);
    return await changeSession(located, this.gate(located.node), (gate, id) =>
      editSettingsOnGate(gate, id, edit),
    );
  }

  async kick(reference: string, options: LocateOptions & {readonly waitMs: number}): Promise<KickResult> {
    const located = await this.locateToWrite(reference, options);
    return await kickSession(located, this.gate(located.node), options.waitMs, this.options.clock);
  }

  async *writeAll(
    targets: readonly Target[],
    action: BulkAction,
    pace: Pick<BulkOptions, 'rate' | 'maxErrors' | 'signal' | 'onBegin'>,
  ): AsyncGenerator<TargetOutcome, void, undefined> {
    const {clock} = this.options;
    const act = async (some: readonly Target[]) =>
      applyBulkAction(this.gate(await this.gateNamed(some[0]?.node ?? '')), some, action, clock);
    yield* runPacedWrites({targets, act, batch: targetsPerCall(action, pace.rate), clock, ...pace});
  }

  probe(): Promise<ClusterProbe> {
    return this.options.probe();
  }
}
