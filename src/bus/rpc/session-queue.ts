import {TransientMap} from '../fast/transient-map.js';

/** A queued call on a session. `leave` must be called when it has ended. */
export interface SessionQueueTurn {
  /** The next call on the same session; set by the queue. */
  behind: SessionQueueTurn | undefined;
  begin(): void;
}

/**
 * Runs the calls on a session one at a time, because gates before mqant v1.4.7 crash when Bind and a settings write
 * overlap. Calls on different sessions run concurrently.
 */
export class SessionQueue {
  /** The last queued call of each session. */
  private readonly tails = new TransientMap<string, SessionQueueTurn>();

  /** Starts the call immediately, or after the earlier calls have left. */
  enter(sessionId: string, turn: SessionQueueTurn): void {
    const tail = this.tails.get(sessionId);
    this.tails.set(sessionId, turn);
    if (tail === undefined) turn.begin();
    else tail.behind = turn;
  }

  leave(sessionId: string, turn: SessionQueueTurn): void {
    const next = turn.behind;
    if (next !== undefined)
      queueMicrotask(() => next.begin()); // deferred, because thousands of calls may wait
    else this.tails.delete(sessionId);
  }
}
