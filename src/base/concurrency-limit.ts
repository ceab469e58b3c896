/** Runs at most `concurrent` jobs at a time and queues up to `queue` more; rejects the rest. */
export class ConcurrencyLimit {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly concurrent: number,
    private readonly queue: number,
  ) {}

  /** Runs the work as soon as fewer than `concurrent` jobs are running. Rejects immediately if the queue is full. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.taken -= 1;
      else next(); // the next job takes over this one's slot
    }
  }

  private async enter(): Promise<void> {
    if (this.taken < this.concurrent) {
      this.taken += 1;
      return;
    }
    if (this.waiting.length >= this.queue) throw new Error('the module is busy');
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}
