import {probeNode} from '../../bus/gate/probe-node.js';
import type {ClusterNode} from '../../registry/registry.js';
import {stuckSortKey} from '../../selector/sort-order.js';
import type {GateApi, GateInfo, SessionCount} from '../../session/gate-api.js';
import type {NodeKind} from '../../session/node-kind.js';
import type {ClusterReader, FindOptions} from '../cluster.js';
import {incompleteError} from '../incomplete-error.js';
import type {AllGatesCountQuery, AllGatesListQuery, LocateOptions, SessionsQuery} from '../query-types.js';
import {countOnGate} from '../read/count-on-gate.js';
import {findUidOnGate} from '../read/find-uid-on-gate.js';
import {GateDirectory} from '../read/gate-directory.js';
import {failDuplicateNodes, gather} from '../read/gather.js';
import {locateSession} from '../read/locate-session.js';
import {readLocatedRow} from '../read/located-row.js';
import {sessionPageGuard} from '../read/page-guard.js';
import {createListingSampler, fetchSessionPage, rowsPerPage} from '../read/session-page.js';
import {sortedRows} from '../read/sort-rows.js';
import {streamPages} from '../read/stream-pages.js';
import {ClusterRecords} from '../records/cluster-records.js';
import {lazyRecords, type RecordAccess} from '../records/record-access.js';
import type {
  BusLinkState,
  GateStatistics,
  Gathered,
  Listing,
  LocatedRow,
  LocatedSession,
  RowWithSource,
} from '../result-types.js';
import {StockGateSessions} from '../stock/stock-gate-sessions.js';
import type {GateClusterOptions} from './gate-cluster-options.js';

/** Reads sessions from the gates in a registry, each called through its GateApi. */
export abstract class GateReader implements ClusterReader {
  readonly server: string;
  readonly registry: string;
  readonly records: RecordAccess;
  protected readonly directory: GateDirectory;
  protected readonly stock: StockGateSessions;
  private known: Promise<readonly ClusterNode[]> | undefined;
  private readonly named = new Map<string, Promise<ClusterNode>>();

  constructor(protected readonly options: GateClusterOptions) {
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
    this.records = openRecords === undefined ? records : lazyRecords(openRecords);
    this.stock = new StockGateSessions(options.stock, {
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

  onLink(listener: (state: BusLinkState) => void): () => void {
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
    return {...gathered, outcomes: failDuplicateNodes(gathered.outcomes, duplicates.isDuplicate)};
  }

  async list(query: SessionsQuery = {}): Promise<Listing> {
    const {order, limit, sample} = query;
    const reader = createListingSampler(sample);
    const streamed = await this.streamed(order === undefined ? query : {...query, limit: undefined});
    const pageRows = rowsPerPage(streamed.expected.length);
    const pages = streamPages({
      ...streamed,
      guard: (node) => sessionPageGuard(this.gate(node), {...query, ...this.timing()}),
      page: (node, after, left) =>
        reader.page(node.id, async () => {
          const most = order === undefined ? left : limit;
          const page = await fetchSessionPage(this.gate(node), {...query, after, pageRows, limit: most});
          if (page.next === '') await this.options.duplicates?.settle();
          return page;
        }),
    });
    const {isDuplicate = () => false} = this.options.duplicates ?? {};
    const outcomes = () => failDuplicateNodes(pages.outcomes(), isDuplicate);
    const listed = {...pages, outcomes, sampled: reader.sampled};
    const isStuck = order !== undefined && stuckSortKey(order) !== undefined; // only gates report queues
    const listing = isStuck ? listed : this.stock.list(listed, query);
    return order === undefined ? listing : {...listing, rows: sortedRows(listing.rows, order, limit)};
  }

  async count(query: AllGatesCountQuery = {}): Promise<Gathered<SessionCount>> {
    const countOf = ({sessions}: SessionCount): number => sessions;
    const count = (gate: GateApi) => countOnGate(gate, {...query, ...this.timing()});
    return await this.stock.counted(await this.each(count, {gates: query.gates, countOf}), query);
  }

  async stats(gates?: readonly string[]): Promise<Gathered<GateStatistics>> {
    const countOf = ({sessions}: GateStatistics): number => sessions;
    return await this.stock.stats(await this.each<GateStatistics>((gate) => gate.stats(), {gates, countOf}));
  }

  async find(uid: string, {gates, stock}: FindOptions = {}): Promise<Gathered<readonly RowWithSource[]>> {
    const found = await this.each((gate) => findUidOnGate(gate, uid), {
      gates,
      countOf: (rows) => rows.length,
    });
    return await this.stock.found(found, uid, stock);
  }

  locate(reference: string, options?: LocateOptions): Promise<LocatedSession> {
    const {
      gateOf,
      clock: {now},
    } = this.options;
    const gates = () => this.gates();
    const named = (id: string) => this.gateNamed(id);
    const find = (uid: string) => this.find(uid);
    const list = (query: SessionsQuery) => this.list(query);
    return locateSession({gates, named, gateOf, find, list, now}, reference, options);
  }

  rowOf(located: LocatedSession): Promise<LocatedRow | undefined> {
    return readLocatedRow(this.gate(located.node), located);
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

  async online(uid: string): Promise<readonly string[]> {
    const {results, outcomes} = await this.each((gate) => gate.isConnect(uid));
    const here = [...results].filter(([, connected]) => connected).map(([node]) => node);
    if (here.length > 0 || outcomes.every(({status}) => status === 'ok')) return here;
    throw incompleteError(`cannot tell whether "${uid}" is online`, outcomes);
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

  protected gateNamed(id: string): Promise<ClusterNode> {
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

  private async streamed(query: AllGatesListQuery) {
    const {limit, signal} = query;
    return {expected: await this.chosen(query.gates), limit, signal, now: this.options.clock.now};
  }
}
