/** Hands on what is put in, in order, to one reader. Beyond `most` nothing is taken until the reader has caught up. */
export class EventQueue<T> implements AsyncIterable<T> {
  private waiting: T[] = [];
  private wake: (() => void) | undefined;
  private isEnded = false;

  constructor(private readonly most: number) {}

  /** False when it was full and the value is lost. */
  put(value: T): boolean {
    if (this.waiting.length >= this.most) return false;
    this.waiting.push(value);
    this.wake?.();
    return true;
  }

  /** What waits now, taken out without waiting for more. */
  take(): readonly T[] {
    const taken = this.waiting;
    this.waiting = [];
    return taken;
  }

  /** What was put in is still read. */
  end(): void {
    this.isEnded = true;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      yield* this.take();
      if (this.waiting.length > 0) continue;
      if (this.isEnded) return;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.wake = undefined;
    }
  }
}
