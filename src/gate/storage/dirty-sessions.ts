import {settlesWithinMs} from '../../base/abort-signals.js';
import type {PersistedSession} from '../sessions/live-session.js';

const firstPauseMs = 250;
const maxPauseMs = 5_000;
/** Maximum number of concurrent writes during retries, so that a recovering store is not overloaded. */
const maxConcurrent = 32;
/** Above this number, old sessions whose connection is closed are dropped and logged. */
const maxDirty = 100_000;
/** Maximum number of sessions examined for each one that is added, so that adding takes constant time. */
const maxLooks = 64;

/** Sessions whose last write failed. They are retried with exponential backoff. */
export class DirtySessions {
  private readonly waiting = new Set<PersistedSession>();
  private timer: NodeJS.Timeout | undefined;
  private pauseMs = firstPauseMs;
  /** Visits `waiting` from its oldest session; undefined at the end, and until there are too many. */
  private oldest: Iterator<PersistedSession> | undefined;

  constructor(
    private readonly retry: (live: PersistedSession) => Promise<void>,
    private readonly log: (line: string) => void,
  ) {}

  get size(): number {
    return this.waiting.size;
  }

  has(live: PersistedSession): boolean {
    return this.waiting.has(live);
  }

  /** Returns false if the session is already queued. */
  add(live: PersistedSession): boolean {
    if (this.waiting.has(live)) return false;
    this.waiting.add(live);
    if (this.waiting.size > maxDirty) this.dropOldClosed();
    this.schedule();
    return true;
  }

  stored(live: PersistedSession): void {
    if (!this.waiting.delete(live)) return;
    this.pauseMs = firstPauseMs;
    if (this.waiting.size === 0) this.log('storage: all sessions are stored again');
  }

  async stop(withinMs: number): Promise<void> {
    if (this.waiting.size > 0 && withinMs > 0) await settlesWithinMs(withinMs, this.retryAll());
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.size > 0) this.log(`storage: ${this.waiting.size} sessions could not be stored`);
    this.waiting.clear();
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => void this.turn(), this.pauseMs * (0.75 + Math.random() / 2)).unref();
  }

  private async turn(): Promise<void> {
    const before = this.waiting.size;
    await this.retryAll();
    this.timer = undefined;
    if (this.waiting.size === 0) return;
    if (this.waiting.size >= before) this.pauseMs = Math.min(this.pauseMs * 2, maxPauseMs);
    this.schedule();
  }

  /** Retries all sessions. Stops early if a whole group fails, because the storage is still down. */
  private async retryAll(): Promise<void> {
    const lives = [...this.waiting];
    for (let from = 0; from < lives.length; from += maxConcurrent) {
      const some = lives.slice(from, from + maxConcurrent);
      await Promise.all(some.map((live) => this.retry(live)));
      if (some.every((live) => this.waiting.has(live))) return;
    }
  }

  /** Drops closed sessions, oldest first, until there are few enough. Goes on where the last call ended. */
  private dropOldClosed(): void {
    for (let looks = 0; looks < maxLooks && this.waiting.size > maxDirty; looks += 1) {
      this.oldest ??= this.waiting.values();
      const {value: live, done} = this.oldest.next();
      if (done === true) this.oldest = undefined;
      else if (live.connection.closed) this.drop(live);
    }
  }

  private drop(live: PersistedSession): void {
    this.waiting.delete(live);
    this.log(
      `storage: dropped the unsaved state of uid ${JSON.stringify(live.session.userId)}: more than ${maxDirty} sessions are unsaved`,
    );
  }
}
