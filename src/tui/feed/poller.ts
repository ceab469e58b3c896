import {setTimeout as sleep} from 'node:timers/promises';
import {messageAndHint} from '../../base/error-details.js';
import {GatectlError} from '../../base/errors.js';
import type {DashboardDeps} from '../dashboard-deps.js';
import type {Action} from '../model/action.js';
import type {Store} from '../model/store.js';
import type {PollTick} from './poll-tick.js';
import type {PolledQuery, QueryForState} from './polled-query.js';

/** The pause between polls is this multiple of the last answer time, to spare a slow cluster. */
const pauseFactor = 10;
/** Maximum pause, in milliseconds. */
const maxPauseMs = 30_000;

interface RepeatedQuery {
  readonly intervalMs: number;
  readonly maxIntervalMs?: number | undefined;
  readonly delayMs?: number | undefined;
}

interface RepeatOptions<Q> {
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly tick: PollTick;
  readonly poll: (query: Q) => Promise<void>;
  /** Returns the next query; undefined if the screen no longer needs one. */
  readonly nextQuery: () => Q | undefined;
  readonly onFailed: (message: string) => void;
}

/** Runs a query repeatedly until the signal aborts, with longer pauses if answers are slow. */
export async function pollRepeatedly<Q extends RepeatedQuery>(
  first: Q,
  {signal, now, tick, poll, nextQuery, onFailed}: RepeatOptions<Q>,
): Promise<void> {
  if (first.delayMs !== undefined) await sleep(first.delayMs, undefined, {signal}).catch(() => {});
  let query = first;
  while (!signal.aborted) {
    const started = now();
    try {
      await poll(query);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof GatectlError)) throw error;
      onFailed(messageAndHint(error));
    }
    const maxMs = query.maxIntervalMs ?? maxPauseMs;
    const restMs = Math.min(maxMs, pauseFactor * (now() - started));
    await tick.wait(Math.max(query.intervalMs, restMs), signal);
    query = nextQuery() ?? query;
  }
}

/** Polls one query at its interval. Restarts when the query changes; polls never overlap. */
export class Poller {
  private key: string | undefined;
  private current: AbortController | undefined;

  constructor(
    private readonly queryForState: QueryForState,
    private readonly store: Store,
    private readonly deps: DashboardDeps,
    private readonly onFailed: (message: string) => Action | undefined,
    private readonly tick: PollTick,
  ) {}

  /** Restarts the poller if the query has changed. */
  update(): void {
    if (this.deps.signal.aborted) return;
    const query = this.queryForState(this.store.get(), this.deps);
    if (query?.key === this.key) return;
    this.stop();
    this.key = query?.key;
    if (query === undefined) return;
    this.current = new AbortController();
    void this.start(query, this.current.signal);
  }

  stop(): void {
    this.current?.abort();
    this.current = undefined;
    this.key = undefined;
  }

  private async start(first: PolledQuery, signal: AbortSignal): Promise<void> {
    const {store, deps} = this;
    await pollRepeatedly(first, {
      ...{signal, now: deps.now, tick: this.tick},
      poll: async ({fetch}) => {
        const actions = await fetch(signal);
        if (!signal.aborted) for (const action of actions) store.dispatch(action);
      },
      nextQuery: () => this.queryForState(store.get(), deps),
      onFailed: (message) => {
        const action = this.onFailed(message);
        if (action !== undefined) store.dispatch(action);
      },
    });
  }
}
