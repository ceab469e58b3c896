import {setTimeout as sleep} from 'node:timers/promises';
import {onAbort} from '../../base/abort-signals.js';
import type {ClusterNode} from '../../registry/registry.js';
import {type Grouping, GroupTally} from '../../selector/grouping.js';
import type {GateApi, SessionCount} from '../../session/gate-api.js';
import type {AllGatesCountQuery, AllGatesWatchQuery, SessionsQuery} from '../query-types.js';
import type {RecordAccess, RecordReader, RecordsQuery} from '../records/record-access.js';
import type {GateStatistics, Gathered, Listing, LocatedRow, RowWithSource} from '../result-types.js';
import type {ClusterEvent} from '../watch/cluster-event.js';
import {EventQueue} from '../watch/event-queue.js';
import {ContinuousBusTap, type TapTraffic} from './continuous-bus-tap.js';
import type {CreateStockFinder} from './stock-session-finder.js';
import {StockSessionSearch, type StockSources} from './stock-session-search.js';
import {TimedBusTap, type TimedTapDeps} from './timed-bus-tap.js';
import {UnlistedSessions} from './unlisted-sessions.js';
import {findWithStockGates, gatherWithStockGates, listWithStockGates} from './with-stock-gates.js';

/** Where to find the sessions of gates that cannot list them. */
export interface StockSourceOptions {
  /** Opens the store in which the gates keep their records. */
  readonly openRecords?: (() => Promise<RecordAccess>) | undefined;
  /** Whether to use the records of other gates. */
  readonly gateRecords?: boolean | undefined;
  /** How long to listen on the bus, in milliseconds. A live cluster listens in the background until it is closed. */
  readonly tapMs?: number | undefined;
  /** True if the cluster stays open: claims are then confirmed in the background. */
  readonly isLive: boolean;
}

interface StockDeps {
  readonly gateOf: (node: ClusterNode) => GateApi;
  readonly tap: TimedTapDeps;
  /** Returns milliseconds. */
  readonly now: () => number;
  readonly gateRecords: RecordReader;
}

/** Maximum number of events waiting for the reader of a watch; further ones are dropped. */
const maxWaiting = 50_000;

/**
 * Adds sessions found in records and on the bus to the results of gates that cannot list. Without sources, adds
 * nothing.
 */
export class StockGateSessions {
  private readonly find: CreateStockFinder | undefined;
  /** Undefined in a live cluster, which reads its sources in the background. */
  private readonly sources: StockSources | undefined;
  private readonly live: UnlistedSessions | undefined;
  private readonly tap: ContinuousBusTap | undefined;

  constructor(
    options: StockSourceOptions | undefined,
    private readonly deps: StockDeps,
  ) {
    const {gateOf, tap, now} = deps;
    if (options === undefined) return;
    const {tapMs, openRecords} = options;
    const records = options.gateRecords === true ? async () => deps.gateRecords : openRecords;
    if (options.isLive) {
      this.tap = tapMs === undefined ? undefined : new ContinuousBusTap(tap, now);
      const wait = (ms: number): Promise<void> => sleep(ms, undefined, {ref: false});
      const live = new UnlistedSessions({gateOf, records, tap: this.tap, now, wait});
      this.live = live;
      this.find = (gates) => live.finder(gates);
      return;
    }
    const sources = {
      records: records && {
        list: async (query?: RecordsQuery) => await (await records()).list(query),
        get: async (uid: string) => await (await records()).get(uid),
      },
      tap: tapMs === undefined ? undefined : new TimedBusTap(tap, tapMs),
    };
    this.sources = sources;
    this.find = (gates) => new StockSessionSearch(gateOf, sources, gates);
  }

  list(listing: Listing, query: SessionsQuery): Listing {
    return this.find === undefined ? listing : listWithStockGates(listing, this.find, query);
  }

  /** Adds sessions of a uid. `sources` take precedence over the cluster's own. */
  async found(
    found: Gathered<readonly RowWithSource[]>,
    uid: string,
    sources: StockSources | undefined,
  ): Promise<Gathered<readonly RowWithSource[]>> {
    const {gateOf} = this.deps;
    const find: CreateStockFinder | undefined =
      sources === undefined
        ? this.find
        : (gates) => new StockSessionSearch(gateOf, {...this.sources, ...sources}, gates);
    return find === undefined ? found : await findWithStockGates(found, find, uid);
  }

  async counted(
    counted: Gathered<SessionCount>,
    {where, by, signal}: AllGatesCountQuery,
  ): Promise<Gathered<SessionCount>> {
    if (this.find === undefined) return counted;
    const gateCounts = new GateCounts(by);
    const take = (row: LocatedRow): boolean => {
      const isWanted = where === undefined || where.matches(row, row.node, Date.now());
      if (isWanted) gateCounts.add(row);
      return isWanted;
    };
    const resultOf = (node: string): SessionCount => gateCounts.of(node);
    return await gatherWithStockGates(counted, this.find, {take, resultOf, uid: where?.names?.uid, signal});
  }

  /** Adds session counts for gates that cannot count. Their other statistics are NaN. */
  async stats(gathered: Gathered<GateStatistics>): Promise<Gathered<GateStatistics>> {
    if (this.find === undefined) return gathered;
    const gateCounts = new GateCounts(undefined);
    const take = (row: LocatedRow): boolean => {
      gateCounts.add(row);
      return true;
    };
    const resultOf = (node: string): GateStatistics => ({
      ...{...unknownStats, now: Date.now(), isAtLeast: true},
      ...gateCounts.of(node),
    });
    return await gatherWithStockGates(gathered, this.find, {take, resultOf});
  }

  /** Adds events of gates that cannot watch, as far as the sources reveal them. */
  async *watch(
    batches: AsyncIterable<readonly ClusterEvent[]>,
    {where, signal}: AllGatesWatchQuery,
    nodes: () => Promise<readonly ClusterNode[]>,
  ): AsyncGenerator<readonly ClusterEvent[], void, undefined> {
    const {live} = this;
    if (live === undefined) return yield* batches;
    const queue = new EventQueue<ClusterEvent>(maxWaiting);
    const stop = live.listen((event) => {
      if (event.type !== 'event') return;
      if (where?.matches(event.event, event.node, event.event.at) !== false) queue.put(event);
    });
    let failure: {readonly error: unknown} | undefined;
    const reading = (async () => {
      for await (const events of batches)
        for (const event of events) {
          if (event.type === 'gate' && event.state === 'unsupported') await this.follow(event.node, nodes);
          queue.put(event);
        }
    })()
      .catch((error: unknown) => {
        failure = {error};
      })
      .finally(() => queue.end());
    onAbort(signal, () => queue.end());
    try {
      yield* queue.batches();
      if (failure !== undefined) throw failure.error;
    } finally {
      stop();
      if (signal.aborted) await reading;
    }
  }

  cost(): TapTraffic | undefined {
    return this.tap?.cost();
  }

  async close(): Promise<void> {
    this.live?.close();
    await this.tap?.close();
  }

  private async follow(id: string, nodes: () => Promise<readonly ClusterNode[]>): Promise<void> {
    const node = (await nodes()).find((one) => one.id === id);
    if (node !== undefined) void this.live?.follow([node]);
  }
}

/** Session counts by gate. */
class GateCounts {
  private readonly counts = new Map<string, {sessions: number; bound: number; readonly tally: GroupTally}>();

  constructor(private readonly by: Grouping | undefined) {}

  add(row: LocatedRow): void {
    const count = this.counts.get(row.node) ?? {
      sessions: 0,
      bound: 0,
      tally: new GroupTally(this.by?.text ?? ''),
    };
    this.counts.set(row.node, count);
    const isBound = row.session.userId === '' ? 0 : 1;
    count.sessions += 1;
    count.bound += isBound;
    count.tally.add(this.by?.keyOf(row, row.node) ?? null, 1, isBound);
  }

  of(node: string): SessionCount {
    const {sessions = 0, bound = 0, tally} = this.counts.get(node) ?? {};
    return {sessions, bound, ...(this.by === undefined ? {} : {groups: tally?.sorted() ?? []})};
  }
}

const unknownStats = {
  ...{startedAt: Number.NaN, connects: Number.NaN, disconnects: Number.NaN},
  ...{received: Number.NaN, sent: Number.NaN, dirty: Number.NaN},
};
