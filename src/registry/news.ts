/** Wakes a loop. A signal that arrives while the loop is busy is not lost. */
export class News {
  private pending = false;
  private wake: () => void = () => {};

  private readonly onAbort = (): void => this.wake();

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', this.onAbort, {once: true});
  }

  /** Leaves no listeners on a long-lived signal. */
  close(): void {
    this.signal.removeEventListener('abort', this.onAbort);
  }

  tell(): void {
    this.pending = true;
    this.wake();
  }

  /** Resolves with false once the signal has aborted. */
  async next(): Promise<boolean> {
    if (!this.pending && !this.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    this.pending = false;
    return !this.signal.aborted;
  }
}
