/**
 * Runs calls on one session one after another: gates before mqant v1.4.7 crash when Bind and a write of settings
 * overlap on one session. Calls on different sessions do not wait for each other.
 */
export class SessionQueue {
  private readonly tails = new Map<string, Promise<unknown>>();

  run<T>(sessionId: string, call: () => Promise<T>): Promise<T> {
    const before = this.tails.get(sessionId);
    const running = before === undefined ? call() : before.then(call, call);
    const tail: Promise<void> = running.then(
      () => this.forget(sessionId, tail),
      () => this.forget(sessionId, tail),
    );
    this.tails.set(sessionId, tail);
    return running;
  }

  private forget(sessionId: string, tail: Promise<unknown>): void {
    if (this.tails.get(sessionId) === tail) this.tails.delete(sessionId);
  }
}
