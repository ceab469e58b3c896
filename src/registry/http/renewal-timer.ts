import type {OutageReporter} from './outage-reporter.js';

/** Shorter interval after a failure, to succeed before the registry drops the registration. */
const retryMs = 1000;

/** Renews a registration periodically, one renewal at a time. Does not keep the process alive. */
export class RenewalTimer {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    private readonly renew: () => Promise<void>,
    private readonly everyMs: number,
    private readonly outage: OutageReporter,
  ) {
    this.schedule(everyMs);
  }

  /** Stops renewing. Resolves when no renewal is pending, because a late one would restore a removed registration. */
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
