/** So many at once, so many more that wait; whoever comes then is refused. */
export class ConcurrencyLimit {
  private taken = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly concurrent: number,
    private readonly queue: number,
  ) {}

  /** Runs the work when there is a place. Throws at once when too many wait already. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.taken -= 1;
      else next(); // the place is handed on
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
