/** Renews something again and again, one at a time, and keeps no process alive. */
export class Renewal {
  private readonly timer: NodeJS.Timeout;
  private underWay: Promise<void> | undefined;

  /** `renew` never rejects: what it could not do it does the next time. */
  constructor(renew: () => Promise<void>, everyMs: number) {
    this.timer = setInterval(() => {
      this.underWay ??= renew().finally(() => {
        this.underWay = undefined;
      });
    }, everyMs);
    this.timer.unref();
  }

  /** Resolves when none is under way: a late one would bring back what is taken away next. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.underWay;
  }
}
