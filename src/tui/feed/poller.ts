import {setTimeout as sleep} from 'node:timers/promises';
import {GatectlError} from '../../base/errors.js';
import type {DashboardDeps} from '../dashboard-deps.js';
import type {Action} from '../model/action.js';
import type {Store} from '../model/store.js';
import type {Query, QuerySelector} from './query.js';
import type {Tick} from './tick.js';

/** The pause between polls is this multiple of the last answer time, to spare a slow cluster. */
export const pauseFactor = 10;
/** Maximum pause. */
const mostPauseMs = 30_000;

/** Polls one query at its interval, restarts when the query changes, and never overlaps. */
export class Poller {
  private key: string | undefined;
  private current: AbortController | undefined;

  constructor(
    private readonly questioner: QuerySelector,
    private readonly store: Store,
    private readonly deps: DashboardDeps,
    private readonly onFailed: (message: string) => Action | undefined,
    private readonly beat: Tick,
  ) {}

  /** Restarts if the query has changed. */
  update(): void {
    if (this.deps.signal.aborted) return;
    const question = this.questioner(this.store.get(), this.deps);
    if (question?.key === this.key) return;
    this.stop();
    this.key = question?.key;
    if (question === undefined) return;
    this.current = new AbortController();
    void this.keepAsking(question, this.current.signal);
  }

  stop(): void {
    this.current?.abort();
    this.current = undefined;
    this.key = undefined;
  }

  private async keepAsking(first: Query, signal: AbortSignal): Promise<void> {
    if (first.delayMs !== undefined) await sleep(first.delayMs, undefined, {signal}).catch(() => {});
    let question = first;
    while (!signal.aborted) {
      const started = this.deps.now();
      await this.askOnce(question, signal);
      const gently = Math.min(
        question.maxIntervalMs ?? mostPauseMs,
        pauseFactor * (this.deps.now() - started),
      );
      const pause = Math.max(question.intervalMs, gently);
      await sleep(this.beat.msUntilTick(pause), undefined, {signal}).catch(() => {});
      if (signal.aborted) return;
      question = this.questioner(this.store.get(), this.deps) ?? question;
    }
  }

  private async askOnce(question: Query, signal: AbortSignal): Promise<void> {
    try {
      const actions = await question.fetch(signal);
      if (!signal.aborted) for (const action of actions) this.store.dispatch(action);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof GatectlError)) throw error;
      const action = this.onFailed(error.message);
      if (action !== undefined) this.store.dispatch(action);
    }
  }
}
