import type {DashboardDeps} from '../dashboard-deps.js';
import type {Action} from '../model/action.js';
import type {State} from '../model/state.js';
import type {Store} from '../model/store.js';
import {Batcher} from './batcher.js';
import type {PollTick} from './poll-tick.js';
import {pollRepeatedly} from './poller.js';

/** A query sent to each gate separately, so that a slow gate doesn't delay the others. */
interface GateQuery<T> {
  /**
   * Query key. A changed key starts a new query: pending answers are dropped and all gates are
   * polled immediately.
   */
  readonly key: string;
  readonly gates: readonly string[];
  /** Poll interval in milliseconds. Slow gates are polled less often, at least every `maxIntervalMs`. */
  readonly intervalMs: number;
  readonly maxIntervalMs: number;
  /** Delay in milliseconds before the first poll, while the operator types. */
  readonly delayMs?: number | undefined;
  readonly fetch: (gate: string, signal: AbortSignal) => Promise<T>;
  /** Converts answers to actions. `all` contains the latest answer of each gate. */
  readonly toActions: (fresh: ReadonlyMap<string, T>, all: ReadonlyMap<string, T>) => readonly Action[];
}

export type GateQueryForState<T> = (state: State, deps: DashboardDeps) => GateQuery<T> | undefined;

/** Answers that arrive within this many milliseconds are dispatched together. */
const batchMs = 25;

/** State of the current query. */
interface Round<T> {
  readonly key: string;
  readonly stop: AbortController;
  readonly loops: Map<string, AbortController>;
  readonly latest: Map<string, T>;
  readonly batch: Batcher<readonly [string, T]>;
}

/** Polls one query on every gate, each in its own loop. */
export class GatePoller<T> {
  private round: Round<T> | undefined;

  constructor(
    private readonly queryForState: GateQueryForState<T>,
    private readonly store: Store,
    private readonly deps: DashboardDeps,
    private readonly onFailed: (message: string) => Action | undefined,
    private readonly tick: PollTick,
  ) {}

  /** Restarts the query if it has changed; starts and stops loops as gates join and leave. */
  update(): void {
    if (this.deps.signal.aborted) return;
    const query = this.queryForState(this.store.get(), this.deps);
    if (query?.key !== this.round?.key) {
      this.stop();
      this.round = query === undefined ? undefined : this.newRound(query);
    }
    if (query === undefined || this.round === undefined) return;
    const {loops, latest} = this.round;
    const wanted = new Set(query.gates);
    for (const [gate, loop] of loops) {
      if (wanted.has(gate)) continue;
      loop.abort();
      loops.delete(gate);
      latest.delete(gate);
    }
    for (const gate of wanted) if (!loops.has(gate)) this.start(gate, query, this.round);
  }

  stop(): void {
    if (this.round === undefined) return;
    const {stop, loops, batch} = this.round;
    this.round = undefined;
    stop.abort();
    for (const loop of loops.values()) loop.abort();
    batch.end();
  }

  private newRound({key}: GateQuery<T>): Round<T> {
    const latest = new Map<string, T>();
    const batch = new Batcher<readonly [string, T]>(
      (answers) => this.dispatchAnswers(new Map(answers), latest),
      batchMs,
    );
    return {key, stop: new AbortController(), loops: new Map(), latest, batch};
  }

  private dispatchAnswers(fresh: ReadonlyMap<string, T>, latest: ReadonlyMap<string, T>): void {
    const query = this.queryForState(this.store.get(), this.deps);
    if (query === undefined || query.key !== this.round?.key) return;
    for (const action of query.toActions(fresh, latest)) this.store.dispatch(action);
  }

  private start(gate: string, first: GateQuery<T>, {loops, latest, batch}: Round<T>): void {
    const {store, deps} = this;
    const loop = new AbortController();
    loops.set(gate, loop);
    const {signal} = loop;
    void pollRepeatedly(first, {
      ...{signal, now: deps.now, tick: this.tick},
      poll: async ({fetch}) => {
        const answer = await fetch(gate, signal);
        if (signal.aborted) return;
        latest.set(gate, answer);
        batch.add([gate, answer]);
      },
      nextQuery: () => this.queryForState(store.get(), deps),
      onFailed: (message) => {
        const action = this.onFailed(message);
        if (action !== undefined) store.dispatch(action);
      },
    });
  }
}
