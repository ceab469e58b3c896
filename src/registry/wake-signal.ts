/** Wakes a loop. If `signal` is called while the loop is busy, the next `next` resolves immediately. */
export class WakeSignal {
  private pending = false;
  private wake: () => void = () => {};

  private readonly onAbort = (): void => this.wake();

  constructor(private readonly end: AbortSignal) {
    end.addEventListener('abort', this.onAbort, {once: true});
  }

  /** Removes the listener from the abort signal, which may be long-lived. */
  close(): void {
    this.end.removeEventListener('abort', this.onAbort);
  }

  signal(): void {
    this.pending = true;
    this.wake();
  }

  /** Resolves after the next `signal`: with true, or with false once the abort signal has aborted. */
  async next(): Promise<boolean> {
    if (!this.pending && !this.end.aborted) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    this.pending = false;
    return !this.end.aborted;
  }
}
