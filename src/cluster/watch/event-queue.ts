/**
 * Passes values in order to one reader. When `most` values are waiting, further ones are dropped until the reader has
 * caught up.
 */
export class EventQueue<T> implements AsyncIterable<T> {
  private waiting: T[] = [];
  private wake: (() => void) | undefined;
  private isEnded = false;

  constructor(private readonly most: number) {}

  /** Returns false if the queue is full and the value was dropped. */
  put(value: T): boolean {
    if (this.waiting.length >= this.most) return false;
    this.waiting.push(value);
    this.wake?.();
    return true;
  }

  /** Removes and returns all queued values without waiting. */
  take(): readonly T[] {
    const taken = this.waiting;
    this.waiting = [];
    return taken;
  }

  /** Ends the queue; queued values can still be read. */
  end(): void {
    this.isEnded = true;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const values of this.batches()) yield* values;
  }

  /** Yields all values that are waiting, together: at thousands a second, a step of a generator for each is costly. */
  async *batches(): AsyncGenerator<readonly T[], void, undefined> {
    for (;;) {
      if (this.waiting.length > 0) {
        yield this.take();
        continue;
      }
      if (this.isEnded) return;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      this.wake = undefined;
    }
  }
}
