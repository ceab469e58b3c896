/** Wakes a loop. News that arrive while it works are not lost. */
export class News {
  private pending = false;
  private wake: () => void = () => {};

  private readonly onAbort = (): void => this.wake();

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', this.onAbort, {once: true});
  }

  /** Leaves nothing behind in a signal that lives on. */
  close(): void {
    this.signal.removeEventListener('abort', this.onAbort);
  }

  tell(): void {
    this.pending = true;
    this.wake();
  }

  /** False once the signal has aborted. */
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
