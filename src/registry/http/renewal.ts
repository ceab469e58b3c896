import type {Outage} from './outage.js';

/** After a failure the next attempt comes sooner than the usual renewal: the registry may have forgotten us by then. */
const retryMs = 1000;

/** Renews something again and again, one at a time, and keeps no process alive. */
export class Renewal {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    private readonly renew: () => Promise<void>,
    private readonly everyMs: number,
    private readonly outage: Outage,
  ) {
    this.schedule(everyMs);
  }

  /** Resolves when none is under way: a late one would bring back what is taken away next. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.underWay;
  }

  private schedule(ms: number): void {
    this.timer = setTimeout(() => {
      this.underWay = this.turn();
    }, ms);
    this.timer.unref();
  }

  private async turn(): Promise<void> {
    let nextMs = this.everyMs;
    try {
      await this.renew();
      this.outage.over();
    } catch (error) {
      if (!this.isStopped) this.outage.failed(error);
      nextMs = Math.min(this.everyMs, retryMs * (0.75 + Math.random() / 2));
    }
    if (!this.isStopped) this.schedule(nextMs);
  }
}
