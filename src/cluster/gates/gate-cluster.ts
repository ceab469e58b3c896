import {setTimeout as sleep} from 'node:timers/promises';
import {probeNode} from '../../bus/gate/probe-node.js';
import type {ClusterNode} from '../../registry/registry.js';
import {stuckOrderOf} from '../../selector/order.js';
import type {GateApi, GateInfo, SessionCount} from '../../session/gate-api.js';
import type {NodeKind} from '../../session/node-kind.js';
import type {StringBag} from '../../session/session.js';
import type {SettingsEdit} from '../../session/settings-edit.js';
import type {ClusterProbe} from '../access/probe.js';
import type {
  Change,
  DeliverResult,
  FoundRow,
  GateStatistics,
  Gathered,
  KickResult,
  LinkState,
  Listing,
  Located,
  LocatedRow,
} from '../answers.js';
import type {Cluster, FindOptions} from '../cluster.js';
import {incompleteError} from '../incomplete-error.js';
import type {
  CountQueryAll,
  DeliverOptions,
  ListQueryAll,
  LocateOptions,
  SessionsQuery,
  WatchQueryAll,
} from '../queries.js';
import {countOnGate} from '../read/count-gate.js';
import {findOnGate} from '../read/find-on-gate.js';
import {GateDirectory} from '../read/gate-directory.js';
import {duplicateOf, gather, withDuplicates} from '../read/gather.js';
import {locate} from '../read/locate.js';
import {locatedRow} from '../read/located-row.js';
import {sessionGuard} from '../read/page-guard.js';
import {pageRowLimit, sampleListing, sessionPageFrom} from '../read/session-page.js';
import {sortedRows} from '../read/sort-rows.js';
import {streamPages} from '../read/stream.js';
import {ClusterRecords} from '../records/gate-records.js';
import {lateRecords, type Records} from '../records/records.js';
import {ClusterStock} from '../stock/cluster-stock.js';
import type {TapCost} from '../stock/live-tap.js';
import type {TraceQuery} from '../trace/trace-query.js';
import type {TraceEvent} from '../trace/traced-call.js';
import type {ClusterEvent} from '../watch/cluster-event.js';
import {watchSessions} from '../watch/watch-sessions.js';
import {type BulkOptions, pacedWrites, type Target, type TargetOutcome} from '../write/bulk.js';
import {applyBulkAction, type BulkAction, batchSize} from '../write/bulk-action.js';
import {
  changeSession,
  deliverToSession,
  editSettingsOn,
  kickSession,
  withVerificationHint,
} from '../write/session-writes.js';
import type {GateClusterOptions} from './gate-cluster-options.js';

/** A cluster of the gates in a registry, each called through its GateApi. */
export class GateCluster implements Cluster {
  readonly server: string;
  readonly registry: string;
  readonly records: Records;
  private readonly directory: GateDirectory;
  private readonly stock: ClusterStock;
  private known: Promise<readonly ClusterNode[]> | undefined;
  private readonly named = new Map<string, Promise<ClusterNode>>();

  constructor(private readonly options: GateClusterOptions) {
    this.server = options.server;
    this.registry = options.registry.name;
    const {registry, gateType, timeoutMs, tap} = options;
    this.directory = new GateDirectory({
      ...{registry, gateType, timeoutMs, inboxPrefix: tap.inboxPrefix},
      probe: (node) => probeNode(this.gate(node)),
    });
    const {openRecords} = options.stock ?? {};
    const records = new ClusterRecords({
      holders: (named) => this.chosen(named),
      holder: (node) => this.gate(node),
      claim: async (node) => (await this.gate(node).info()).storage.records,
      silenceMs: options.timeoutMs * 5, // longer, because a store may have many keys that are not records
      now: options.clock.now,
    });
    this.records = openRecords === undefined ? records : lateRecords(openRecords);
    this.stock = new ClusterStock(options.stock, {
      ...{gateOf: options.gateOf, tap, now: options.clock.now, gateRecords: records},
    });
  }

  /** Cached, so that a command sees one set of expected gates from start to end. */
  gates(): Promise<readonly ClusterNode[]> {
    this.known ??= this.lookUp().catch((error: unknown) => {
      this.known = undefined; // retry on the next call
      throw error;
    });
    return this.known;
  }

  async refreshGates(): Promise<readonly ClusterNode[]> {
    const nodes = await this.lookUp();
    this.known = Promise.resolve(nodes);
    this.named.clear();
    return nodes;
  }

  allNodes(): Promise<readonly ClusterNode[]> {
    return this.directory.allNodes();
  }

  onLink(listener: (state: LinkState) => void): () => void {
    return this.options.onLink?.(listener) ?? (() => {});
  }

  gate(node: ClusterNode): GateApi {
    return this.options.gateOf(node);
  }

  async each<T>(
    call: (gate: GateApi, node: ClusterNode) => Promise<T>,
    options: {readonly gates?: readonly string[] | undefined; readonly countOf?: (result: T) => number} = {},
  ): Promise<Gathered<T>> {
    const expected = await this.chosen(options.gates);
    const {duplicates, clock} = this.options;
    const {countOf} = options;
    const gathered = await gather(expected, (node) => call(this.gate(node), node), {countOf, now: clock.now});
    if (duplicates === undefined) return gathered;
    await duplicates.settle();
    return {...gathered, outcomes: withDuplicates(gathered.outcomes, duplicates.isDuplicate)};
  }

  async list(query: SessionsQuery = {}): Promise<Listing> {
    const {order, limit, sample} = query;
    const reader = sampleListing(sample);
    const streamed = await this.streamed(order === undefined ? query : {...query, limit: undefined});
    const pageRows = pageRowLimit(streamed.expected.length);
    const pages = streamPages({
      ...streamed,
      guard: (node) => sessionGuard(this.gate(node), {...query, ...this.timing()}),
      page: (node, after, left) =>
        reader.page(node.id, async () => {
          const most = order === undefined ? left : limit;
          const page = await sessionPageFrom(this.gate(node), {...query, after, pageRows, limit: most});
          if (page.next === '') await this.options.duplicates?.settle();
          return page;
        }),
    });
    const {isDuplicate = () => false} = this.options.duplicates ?? {};
    const outcomes = () => withDuplicates(pages.outcomes(), isDuplicate);
    const listed = {...pages, outcomes, sampled: reader.sampled};
    const isStuck = order !== undefined && stuckOrderOf(order) !== undefined; // other sources know no queues
    const listing = isStuck ? listed : this.stock.list(listed, query);
    return order === undefined ? listing : {...listing, rows: sortedRows(listing.rows, order, limit)};
  }

  async count(query: CountQueryAll = {}): Promise<Gathered<SessionCount>> {
    const countOf = ({sessions}: SessionCount): number => sessions;
    const count = (gate: GateApi) => countOnGate(gate, {...query, ...this.timing()});
    return await this.stock.counted(await this.each(count, {gates: query.gates, countOf}), query);
  }

  async stats(gates?: readonly string[]): Promise<Gathered<GateStatistics>> {
    const countOf = ({sessions}: GateStatistics): number => sessions;
    return await this.stock.stats(await this.each<GateStatistics>((gate) => gate.stats(), {gates, countOf}));
  }

  watch(query: WatchQueryAll): AsyncIterable<ClusterEvent> {
    const {bus, gateOf} = this.options;
    const wait = async (ms: number, signal: AbortSignal): Promise<void> => {
      await sleep(ms, undefined, {signal}).catch(() => {});
    };
    const gates = (signal: AbortSignal) => this.directory.watch(signal);
    const events = watchSessions({bus, gates, gateOf, now: Date.now, wait}, query);
    return this.stock.watch(events, query, () => this.gates());
  }

  tapCost(): TapCost | undefined {
    return this.stock.cost();
  }

  async *trace(query: TraceQuery): AsyncIterable<TraceEvent> {
    const {traceBus} = await import('../trace/trace-bus.js'); // loaded on demand: it is a tenth of what a short command loads
    const {registry, timeoutMs, tap} = this.options;
    yield* traceBus({registry, timeoutMs, ...tap}, query);
  }

  async find(uid: string, {gates, stock}: FindOptions = {}): Promise<Gathered<readonly FoundRow[]>> {
    const found = await this.each((gate) => findOnGate(gate, uid), {gates, countOf: (rows) => rows.length});
    return await this.stock.found(found, uid, stock);
  }

  locate(reference: string, options?: LocateOptions): Promise<Located> {
    const {
      gateOf,
      clock: {now},
    } = this.options;
    const gates = () => this.gates();
    const named = (id: string) => this.gateNamed(id);
    const find = (uid: string) => this.find(uid);
    const list = (query: SessionsQuery) => this.list(query);
    return locate({gates, named, gateOf, find, list, now}, reference, options);
  }

  /**
   * Locates a session for a write. Rejects if several processes share its gate's id: the write could reach one that
   * lacks the session, without an error.
   */
  private async locateToWrite(reference: string, options?: LocateOptions): Promise<Located> {
    const located = await this.locate(reference, options);
    const duplicate = duplicateOf(located.node);
    if (duplicate !== undefined) throw duplicate;
    return located;
  }

  rowOf(located: Located): Promise<LocatedRow | undefined> {
    return locatedRow(this.gate(located.node), located);
  }

  info(gates?: readonly string[]): Promise<Gathered<GateInfo>> {
    return this.each((gate) => gate.info(), {gates, countOf: (info) => info.sessions});
  }

  async kinds(nodes?: readonly ClusterNode[]): Promise<ReadonlyMap<string, NodeKind>> {
    const chosen = (nodes ?? (await this.gates())).filter((node) => this.directory.mayCall(node));
    const ask = async (node: ClusterNode) => [node.id, await probeNode(this.gate(node))] as const;
    return new Map(await Promise.all(chosen.map(ask)));
  }

  async processes(): Promise<ReadonlyMap<string, readonly string[]>> {
    return await this.options.census(await this.gates());
  }

  ping(gates?: readonly string[]): Promise<Gathered<void>> {
    return this.each((gate) => gate.ping(), {gates});
  }

  async send(reference: string, topic: string, body: Uint8Array, options?: LocateOptions): Promise<Located> {
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

  async bind(reference: string, uid: string, options?: LocateOptions): Promise<Change> {
    const located = await this.locateToWrite(reference, options);
    return await changeSession(located, this.gate(located.node), (gate, id) => gate.bind(id, uid));
  }

  async unbind(reference: string, options?: LocateOptions): Promise<Change> {
    const located = await this.locateToWrite(reference, options);
    return await changeSession(located, this.gate(located.node), (gate, id) => gate.unbind(id));
  }

  async setSettings(reference: string, entries: StringBag, options?: LocateOptions): Promise<Change> {
    const located = await this.locateToWrite(reference, options);
    return await changeSession(located, this.gate(located.node), (gate, id) => gate.push(id, entries));
  }

  async unsetSettings(reference: string, keys: readonly string[], options?: LocateOptions): Promise<Change> {
    const located = await this.locateToWrite(reference, options);
    return await changeSession(located, this.gate(located.node), async (gate, id) => {
      let after = located.session;
      for (const key of keys) after = await gate.remove(id, key);
      return after;
    });
  }

  async editSettings(reference: string, edit: SettingsEdit, options?: LocateOptions): Promise<Change> {
    const located = await this.locateToWrite(reference, options);
    return await changeSession(located, this.gate(located.node), (gate, id) =>
      editSettingsOn(gate, id, edit),
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
    yield* pacedWrites({targets, act, batch: batchSize(action, pace.rate), clock, ...pace});
  }

  async online(uid: string): Promise<readonly string[]> {
    const {results, outcomes} = await this.each((gate) => gate.isConnect(uid));
    const here = [...results].filter(([, connected]) => connected).map(([node]) => node);
    if (here.length > 0 || outcomes.every(({status}) => status === 'ok')) return here;
    throw incompleteError(`cannot tell whether "${uid}" is online`, outcomes);
  }

  probe(): Promise<ClusterProbe> {
    return this.options.probe();
  }

  async close(): Promise<void> {
    await this.stock.close();
    await this.options.close();
  }

  private timing() {
    const {timeoutMs, clock} = this.options;
    return {timeoutMs, now: clock.now};
  }

  private async lookUp(): Promise<readonly ClusterNode[]> {
    const {clock, onFound} = this.options;
    const started = clock.now();
    const nodes = await this.directory.gates();
    onFound?.(clock.now() - started);
    return nodes;
  }

  private gateNamed(id: string): Promise<ClusterNode> {
    let node = this.named.get(id);
    if (node === undefined) {
      node = this.directory.named(id, () => this.gates());
      node.catch(() => this.named.delete(id)); // so that the next call looks it up again
      this.named.set(id, node);
    }
    return node;
  }

  private async chosen(gates: readonly string[] | undefined): Promise<readonly ClusterNode[]> {
    if (gates === undefined || gates.length === 0) return await this.gates();
    return await Promise.all(gates.map((id) => this.gateNamed(id)));
  }

  private async streamed(query: ListQueryAll) {
    const {limit, signal} = query;
    return {expected: await this.chosen(query.gates), limit, signal, now: this.options.clock.now};
  }
}
