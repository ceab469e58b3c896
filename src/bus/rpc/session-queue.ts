/** One call on a session that waits for its turn. It says when it is over by `leave`. */
export interface QueueTurn {
  /** Set by the queue: who is next on the same session. */
  behind: QueueTurn | undefined;
  begin(): void;
}

/**
 * Runs calls on one session one after another: gates before mqant v1.4.7 crash when Bind and a write of settings
 * overlap on one session. Calls on different sessions do not wait for each other.
 */
export class SessionQueue {
  /** The last of each session. */
  private readonly tails = new Map<string, QueueTurn>();

  /** Begins at once, or when those before it have left. */
  enter(sessionId: string, turn: QueueTurn): void {
    const tail = this.tails.get(sessionId);
    this.tails.set(sessionId, turn);
    if (tail === undefined) turn.begin();
    else tail.behind = turn;
  }

  leave(sessionId: string, turn: QueueTurn): void {
    const next = turn.behind;
    if (next !== undefined)
      queueMicrotask(() => next.begin()); // not at once: thousands may wait
    else this.tails.delete(sessionId);
  }
}
